package formats

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

const coarTypes = "http://purl.org/coar/resource_type/"

// A general type is OpenAIRE's resourceTypeGeneral.
type generalType uint8

const (
	otherProduct generalType = iota
	literature
	dataset
	software
)

// String is the name in the guidelines.
func (g generalType) String() string {
	return [...]string{"other research product", "literature", "dataset", "software"}[g]
}

// object is the objectType of a file of such a resource.
func (g generalType) object() string {
	return [...]string{"other", "fulltext", "dataset", "software"}[g]
}

// coarConcepts are the concepts of the COAR Resource Type Vocabulary that the guidelines list, with
// their labels.
var coarConcepts = map[string]struct {
	label   string
	general generalType
}{
	"c_1162": {"annotation", literature}, "c_0640": {"journal", literature}, "c_6501": {"journal article", literature},
	"c_b239": {"editorial", literature}, "c_7a1f": {"bachelor thesis", literature}, "c_86bc": {"bibliography", literature},
	"c_2f33": {"book", literature}, "c_3248": {"book part", literature}, "c_ba08": {"book review", literature},
	"c_7ad9": {"website", otherProduct}, "c_e9a0": {"interactive resource", otherProduct},
	"c_f744": {"conference proceedings", literature}, "c_c94f": {"conference object", literature},
	"c_5794": {"conference paper", literature}, "c_6670": {"conference poster", literature},
	"c_3e5a": {"contribution to journal", literature}, "c_beb9": {"data paper", literature}, "c_ddb1": {"dataset", dataset},
	"c_db06": {"doctoral thesis", literature}, "c_c513": {"image", otherProduct}, "c_8544": {"lecture", literature},
	"c_0857": {"letter", literature}, "c_bdcc": {"master thesis", literature}, "c_8a7e": {"moving image", otherProduct},
	"c_2659": {"periodical", literature}, "c_545b": {"letter to the editor", literature}, "c_1843": {"other", otherProduct},
	"c_15cd": {"patent", literature}, "c_816b": {"preprint", literature}, "c_93fc": {"report", literature},
	"c_ba1f": {"report part", literature}, "c_baaf": {"research proposal", literature}, "c_efa0": {"review", literature},
	"c_5ce6": {"software", software}, "c_ecc8": {"still image", otherProduct},
	"c_71bd": {"technical documentation", literature}, "c_393c": {"workflow", otherProduct},
	"c_8042": {"working paper", literature}, "c_46ec": {"thesis", literature},
	"c_12cc": {"cartographic material", otherProduct}, "c_12cd": {"map", otherProduct}, "c_12ce": {"video", otherProduct},
	"c_18cc": {"sound", otherProduct}, "c_18cd": {"musical composition", otherProduct}, "c_18cf": {"text", literature},
	"c_18cp": {"conference paper not in proceedings", literature}, "c_18co": {"conference poster not in proceedings", literature},
	"c_18cw": {"musical notation", otherProduct}, "c_18ww": {"internal report", literature}, "c_18wz": {"memorandum", literature},
	"c_18wq": {"other type of report", literature}, "c_186u": {"policy report", literature},
	"c_18op": {"project deliverable", literature}, "c_18hj": {"report to funding agency", literature},
	"c_18ws": {"research report", literature}, "c_18gh": {"technical report", literature},
	"c_dcae04bc": {"review article", literature}, "c_2df8fbb1": {"research article", literature},
}

// coarBroader has, for concepts of later versions of the vocabulary, the nearest concept that the guidelines list.
var coarBroader = map[string]string{
	"c_998f": "c_3e5a", // newspaper article: contribution to journal
	"c_7acd": "c_3e5a", // corrigendum
	"c_7bab": "c_6501", // software paper: journal article
	"c_2fe3": "c_2659", // newspaper: periodical
	"c_2cd9": "c_2659", "QX5C-AR31": "c_2659",
	"c_0040": "c_18cf", // manuscript: text
	"c_6947": "c_18cf", "6NC7-GK9S": "c_18cf", "D97F-VB57": "c_efa0", "H9BQ-739P": "c_efa0",
	"c_7877": "c_93fc", "c_ab20": "c_93fc", "YZ1N-ZFT9": "c_93fc", // kinds of report
	"R60J-J5BD": "c_c94f", // conference presentation: conference object
	"SB3Y-W4EH": "c_15cd", "C53B-JCY5": "c_15cd", "Z907-YMBB": "c_15cd", "GPQ7-G5VE": "c_15cd", "MW8G-3CR8": "c_15cd", "9DKX-KSAF": "c_15cd",
	"c_cb28":    "c_ddb1", // clinical trial data, and other kinds of data: dataset
	"EHVM-H119": "c_ddb1", "ACF7-8YT9": "c_ddb1", "FXF3-D3G7": "c_ddb1", "AM6W-6QAW": "c_ddb1", "63NG-B465": "c_ddb1", "A8F1-NPV9": "c_ddb1",
	"2H0M-X761": "c_ddb1", "H41Y-FW7B": "c_ddb1", "DD58-GFSX": "c_ddb1", "FF4C-28RK": "c_ddb1", "CQMR-7K63": "c_ddb1", "W2XT-7017": "c_ddb1", "NHD0-W6SY": "c_ddb1",
	"c_c950": "c_5ce6", "QH80-2R4E": "c_5ce6", // kinds of software
	"c_e059": "c_1843", "c_26e4": "c_1843", "542X-3S04": "c_1843", "JBNF-DYAD": "c_1843", "BW7T-YM2G": "c_1843", "H6QP-SC1X": "c_1843",
}

// coarOfClass are the concepts for the classes of the DCMI Type Vocabulary.
var coarOfClass = map[string]string{
	"Text": "c_18cf", "Image": "c_c513", "StillImage": "c_ecc8", "MovingImage": "c_8a7e", "Sound": "c_18cc", "Dataset": "c_ddb1",
	"Software": "c_5ce6", "InteractiveResource": "c_e9a0", "Collection": "c_1843", "Event": "c_1843",
	"PhysicalObject": "c_1843", "Service": "c_1843",
}

// coarType is the code of the concept that best says what the record describes: the first one that is more exact than
// a class of the DCMI Type Vocabulary, or else the first one.
func coarType(rec *dublincore.Record) (code string, ok bool) {
	general := ""
	for v := range values(rec, dublincore.Type) {
		code, exact := coarOf(v.Text)
		if !exact && v.Original != "" {
			// The source may have been more exact: "article" became Text. But if a person corrected the value, the
			// words of the source are wrong.
			if said, better := coarOf(v.Original); better && dcmiClass(v.Original) == dcmiClass(v.Text) {
				code, exact = said, true
			}
		}
		if exact {
			return code, true
		}
		if general == "" {
			general = code
		}
	}
	return general, general != ""
}

// coarOf is the code of the concept that text means, and whether that is more exact than its DCMI class.
func coarOf(text string) (code string, exact bool) {
	text = xmlscan.Clean(text)
	if class, ok := coarOfClass[text]; ok || text == "" {
		return class, false
	}
	if code, ok := strings.CutPrefix(strings.Replace(text, "https://", "http://", 1), coarTypes); ok {
		if _, listed := coarConcepts[code]; listed {
			return code, code != "c_1843"
		}
	}
	t, ok := dublincore.ParseType(text)
	if !ok {
		return "", false
	}
	class := coarOfClass[t.DCMI]
	code = strings.TrimPrefix(t.COAR, coarTypes)
	if broader, ok := coarBroader[code]; ok {
		code = broader
	}
	if _, listed := coarConcepts[code]; !listed {
		code = class
	}
	return code, code != class && code != ""
}

func (w *writer) openaireType(rec *dublincore.Record) {
	code, ok := coarType(rec)
	if !ok {
		return
	}
	concept := coarConcepts[code]
	w.raw(`<oaire:resourceType resourceTypeGeneral="` + concept.general.String() + `" uri="` + coarTypes + code + `">`)
	w.raw(concept.label)
	w.close("oaire:resourceType")
}
