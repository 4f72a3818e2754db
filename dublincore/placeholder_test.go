package dublincore_test

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

func TestIsPlaceholder(t *testing.T) {
	for _, test := range []struct {
		term dublincore.Term
		text string
		want bool
	}{
		{dublincore.Creator, "(:unkn)", true}, {dublincore.Publisher, "(:tba)", true}, {dublincore.Language, ":unav", true}, {dublincore.Title, "[:unav]", true}, {dublincore.Type, ":NULL", true},
		{dublincore.Creator, "Tba", false}, {dublincore.Title, "none", false}, {dublincore.Title, "I: none", false}, {dublincore.Title, ":unavailable", false}, {dublincore.Identifier, "a:none", false},
		{dublincore.Publisher, "[s.n.]", true}, {dublincore.Publisher, "s. n.", true}, {dublincore.Publisher, "SN", false}, {dublincore.Title, "s.n.", false},
		{dublincore.Issued, "9999", true}, {dublincore.Date, "0000-00-00", true}, {dublincore.Valid, "0000/0000", true}, {dublincore.Extent, "9999", false}, {dublincore.Date, "1999", false}, {dublincore.Date, "", false},
		{dublincore.Publisher, "[publisher not identified],", true}, {dublincore.Issued, "[date of publication not identified]", true}, {dublincore.Description, "Author not identified", false},
		{dublincore.Date, "[s.d.]", true}, {dublincore.Issued, "n. d.", true}, {dublincore.Date, "undated", false}, {dublincore.Date, "SA", false}, {dublincore.Subject, "s.d.", false},
		{dublincore.Contributor, "[et al.]", true}, {dublincore.Creator, "[Author not identified]", true}, {dublincore.Creator, "Anonymous", false}, {dublincore.Creator, "Al, Et.", false}, {dublincore.Publisher, "S.l. : s.n.", true}, {dublincore.Publisher, "S.A.", false},
		{dublincore.Publisher, "[издатель не установлен]", true}, {dublincore.Publisher, "Издатель не указано здесь", false}, {dublincore.Publisher, "[б. и.]", true}, {dublincore.Creator, "Б. И.", false},
		{dublincore.Publisher, "[nakladatel není známý]", true}, {dublincore.Publisher, "NULL", true}, {dublincore.Creator, "NULL", true},
		{dublincore.Source, "N/A", true}, {dublincore.Rights, "null", true}, {dublincore.Creator, "Null", false}, {dublincore.Title, "null", false}, {dublincore.Alternative, "N/A", false},
		{dublincore.Publisher, "[éditeur non identifié]", true}, {dublincore.Publisher, "[Verlag nicht ermittelbar]", true}, {dublincore.Publisher, "[editor no identificado],", true}, {dublincore.Issued, "[date de publication non identifiée]", true},
		{dublincore.Spatial, "[Erscheinungsort nicht ermittelbar]", true}, {dublincore.Publisher, "[editore non identificato]", true}, {dublincore.Title, "[Verlag nicht ermittelbar]", false}, {dublincore.Subject, "Täter nicht ermittelbar", false},
		{dublincore.Publisher, "-", true}, {dublincore.Creator, "---", true}, {dublincore.Subject, "—", true}, {dublincore.Title, "-", false}, {dublincore.Subject, "-a-", false}, {dublincore.Language, "Undetermined", true},
		{dublincore.Language, "und", true}, {dublincore.Language, "zxx", false}, {dublincore.Type, "unk", true}, {dublincore.Extent, "unk", true}, {dublincore.Subject, "unk", false},
	} {
		if got := dublincore.IsPlaceholder(test.term, test.text); got != test.want {
			t.Errorf("%v %q: %v", test.term, test.text, got)
		}
	}
}

func TestRightsInOtherWords(t *testing.T) {
	for text, want := range map[string]string{
		"http://rightsstatements.org/vocab/InC/1.0/rdf":                                                   "http://rightsstatements.org/vocab/InC/1.0/",
		"https://rightsstatements.org/page/InC/1.0/?language=fr":                                          "http://rightsstatements.org/vocab/InC/1.0/",
		"http://rightsstatements.org/vocab/InC/2.0/":                                                      "",
		"Atribución-NoComercial 4.0 Internacional":                                                        "http://creativecommons.org/licenses/by-nc/4.0/",
		"Reconocimiento-NoComercial-SinObraDerivada 3.0 España":                                           "",
		"Atribuição-NãoComercial-CompartilhaIgual 4.0 Internacional":                                      "http://creativecommons.org/licenses/by-nc-sa/4.0/",
		"Attribuzione - Non commerciale - Condividi allo stesso modo 4.0 Internazionale":                  "http://creativecommons.org/licenses/by-nc-sa/4.0/",
		"Namensnennung - Nicht kommerziell - Keine Bearbeitungen 4.0 International":                       "http://creativecommons.org/licenses/by-nc-nd/4.0/",
		"Licence Creative Commons Attribution 4.0 International":                                          "http://creativecommons.org/licenses/by/4.0/",
		"Licence Creative Commons Attribution - Pas d'Utilisation Commerciale 4.0":                        "http://creativecommons.org/licenses/by-nc/4.0/",
		"Licencia Creative Commons Atribución 4.0 Internacional":                                          "http://creativecommons.org/licenses/by/4.0/",
		"Attribution 3.0 Unported (CC BY 3.0)":                                                            "http://creativecommons.org/licenses/by/3.0/",
		"Creative Commons Attribution-ShareAlike 4.0 International (CC BY-SA 4.0)":                        "http://creativecommons.org/licenses/by-sa/4.0/",
		"Attribution 3.0 Unported (CC BY-NC 3.0)":                                                         "", // which of the two?
		"Creative Commons Zero v1.0 Universal":                                                            "http://creativecommons.org/publicdomain/zero/1.0/",
		"CC0 1.0 Universal (CC0 1.0) Public Domain Dedication":                                            "http://creativecommons.org/publicdomain/zero/1.0/",
		"Licence Creative Commons":                                                                        "",
		"This work is licensed under a Creative Commons Attribution 4.0 International License.":           "http://creativecommons.org/licenses/by/4.0/",
		"The data, except for images, are under a Creative Commons Attribution 4.0 International License": "",
		"This work is not licensed under a Creative Commons Attribution 4.0 International License.":       "",
		"This work is licensed under a Creative Commons Attribution License.":                             "", // which version?
	} {
		v, _, ok := dublincore.NormalizeRights(text)
		if ok != (want != "") || ok && v.Text != want {
			t.Errorf("%q is %q, %v; want %q", text, v.Text, ok, want)
		}
	}
}
