package date

import (
	"strings"
	"sync"
)

// A wordKind is what a word means in a date.
type wordKind uint8

const (
	noWord      wordKind = iota
	wordSkipped          // adds nothing: an article, a weekday
	wordMonth            // n is its number
	wordSeason           // n is its EDTF code
	wordCentury
	wordDecade
	wordAbout
	wordPerhaps
	wordBC
	wordAD
	wordJulian
	wordTo     // in the middle: from one date to another
	wordUntil  // in the middle like wordTo; at the start the date has no known start
	wordFrom   // at the start of "from … to"; elsewhere skipped
	wordSince  // at the start; without a "to" the date has no known end
	wordBefore // at the start
	wordAfter  // at the start
	wordBetween
	wordAnd // between "between" and the end
	wordOr
	wordPart         // half, third, quarter, which n says; the ordinal before it says which one
	wordParted       // first half, late: n is a part's code
	wordOrdinal      // n is its number
	wordNow          // at the end: the date has no known end
	wordHundredYears // Swedish 1900-talet: a decade or a century, by its number
)

type dateWord struct {
	kind wordKind
	n    uint8
}

// dateWords are the words and phrases that dates are made of, in the form that [Fold] gives them: up to four
// words, without full stops. They are those of English, German, French, Spanish, Italian, Portuguese, Dutch,
// Russian, Polish, Albanian, Czech and Swedish, and, where they mean nothing else in one of these, of Danish,
// Norwegian, Finnish, Hungarian, Romanian, Slovak, Ukrainian, Turkish, Greek and Latin. Croatian months are
// left out: "listopad" is October in Croatian, but November in Polish and Czech.
var dateWords = sync.OnceValue(func() map[string]dateWord {
	words := make(map[string]dateWord, 900)
	add := func(kind wordKind, n uint8, list string) {
		for word := range strings.SplitSeq(list, ",") {
			word, meaning := Fold(word), dateWord{kind, n}
			if was, known := words[word]; known && was != meaning {
				panic("date: the word " + word + " means two things in dates")
			}
			words[word] = meaning
		}
	}
	for i, list := range monthNames {
		add(wordMonth, uint8(i+1), list)
	}
	for i, list := range seasonNames {
		add(wordSeason, uint8(i+21), list)
	}
	for i, ordinal := range ordinals {
		add(wordOrdinal, uint8(i+1), ordinal)
	}
	for of, list := range partWords {
		add(wordPart, of, list)
	}
	for code, list := range partedWords {
		add(wordParted, code, list)
	}
	for kind, list := range otherWords {
		add(kind, 0, list)
	}
	return words
})

var monthNames = [12]string{
	"january,jan,januar,jän,jänner,janvier,janv,enero,ene,gennaio,genn,gen,janeiro,januari,январь,января,янв,styczeń,stycznia,stycz,sty,janar,janari,jan,leden,ledna,led,január,januára,ianuarie,ian,січень,січня,tammikuu,tammikuuta,ocak,ιανουαριοσ,ιανουαριου,ianuarius,ianuarii,januarii",
	"february,feb,febr,februar,feber,février,févr,fév,fevr,febrero,febbraio,febb,fevereiro,fev,februari,февраль,февраля,фев,февр,luty,lutego,lut,shkurt,shkurti,únor,února,február,februára,februarie,лютий,лютого,helmikuu,helmikuuta,şubat,φεβρουαριοσ,φεβρουαριου,februarius,februarii,február",
	"march,mar,märz,mrz,maerz,mars,marzo,março,marco,maart,mrt,март,марта,marzec,marca,marz,březen,března,bře,marec,martie,березень,березня,maaliskuu,maaliskuuta,március,márc,mart,μαρτιοσ,μαρτιου,martius,martii",
	"april,apr,avril,avr,abril,abr,aprile,апрель,апреля,апр,kwiecień,kwietnia,kwiec,kwi,prill,prilli,duben,dubna,dub,apríl,apríla,aprilie,квітень,квітня,huhtikuu,huhtikuuta,április,ápr,nisan,απριλιοσ,απριλιου,aprilis",
	"may,mai,mayo,maggio,magg,mag,maio,mei,май,мая,maj,maja,květen,května,kvě,máj,mája,травень,травня,toukokuu,toukokuuta,május,máj,mayıs,μαιοσ,μαιου,maius,maii",
	"june,jun,juni,juin,junio,giugno,giu,junho,июнь,июня,июн,czerwiec,czerwca,czerw,cze,qershor,qershori,červen,června,jún,júna,iunie,червень,червня,kesäkuu,kesäkuuta,június,jún,haziran,ιουνιοσ,ιουνιου,iunius,iunii,junii",
	"july,jul,juli,juillet,juil,julio,luglio,lug,julho,июль,июля,июл,lipiec,lipca,lip,korrik,korriku,červenec,července,júl,júla,iulie,липень,липня,heinäkuu,heinäkuuta,július,júl,temmuz,ιουλιοσ,ιουλιου,iulius,iulii,julii",
	"august,aug,août,aout,agosto,ago,augustus,август,августа,авг,sierpień,sierpnia,sierp,sie,gusht,gushti,srpen,srpna,srp,augusti,augusta,серпень,серпня,elokuu,elokuuta,augusztus,ağustos,αυγουστοσ,αυγουστου",
	"september,sept,sep,septembre,septiembre,setiembre,settembre,sett,setembro,set,сентябрь,сентября,сент,сен,wrzesień,września,wrzes,wrz,shtator,shtatori,září,septembra,septembrie,вересень,вересня,syyskuu,syyskuuta,szeptember,szept,eylül,σεπτεμβριοσ,σεπτεμβριου,septembris",
	"october,oct,oktober,okt,octobre,octubre,ottobre,ott,outubro,out,октябрь,октября,окт,październik,października,paźdz,paź,tetor,tetori,říjen,října,říj,október,októbra,octombrie,жовтень,жовтня,lokakuu,lokakuuta,október,ekim,οκτωβριοσ,οκτωβριου,octobris",
	"november,nov,novembre,noviembre,novembro,ноябрь,ноября,нояб,ноя,listopad,listopada,listopadu,list,nëntor,nëntori,novembra,noiembrie,листопад,листопада,marraskuu,marraskuuta,kasım,νοεμβριοσ,νοεμβριου,novembris",
	"december,dec,dezember,dez,décembre,déc,diciembre,dic,dicembre,dezembro,декабрь,декабря,дек,grudzień,grudnia,grudz,gru,dhjetor,dhjetori,prosinec,prosince,decembra,decembrie,грудень,грудня,joulukuu,joulukuuta,desember,des,aralık,δεκεμβριοσ,δεκεμβριου,decembris",
}

// seasonNames are spring, summer, autumn, winter: codes 21 to 24, in no hemisphere in particular.
var seasonNames = [4]string{
	"spring,frühling,frühjahr,printemps,primavera,lente,voorjaar,весна,весной,весны,wiosna,wiosną,pranverë,pranvera,jaro,vår,våren,forår",
	"summer,sommer,été,verano,estate,verão,zomer,лето,летом,лета,lato,latem,verë,vera,léto,sommar,sommaren",
	"autumn,fall,herbst,automne,otoño,autunno,outono,herfst,najaar,осень,осенью,осени,jesień,jesienią,vjeshtë,vjeshta,podzim,höst,hösten,efterår",
	"winter,hiver,invierno,inverno,зима,зимой,зимы,zima,zimą,dimër,dimri,vinter,vintern",
}

// ordinals are the numbers of centuries in words.
var ordinals = [...]string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
	"twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty-first"}

// partWords are those that an ordinal stands before, by how many such parts make the whole.
var partWords = map[uint8]string{
	2: "half,halves,hälfte,hälfte des,moitié,mitad,metà,metade,helft,половина,половины,половині,połowa,połowy,połowie,poł,gjysma,gjysmën,polovina,polovině,hälft,hälften,halvdel,halvdelen",
	3: "drittel,drittel des,tiers,tercio,terzo,terço,треть,трети,třetina",
	4: "quarter,quarters,viertel,viertel des,quart,cuarto,quarto,kwart,четверть,четверти,чверть,чверті,ćwierć,čtvrtina,kvartal",
}

// partedWords are phrases that name a part of a century or of a year, by the part's code: how many parts there are, times ten,
// and which one it is.
var partedWords = map[uint8]string{
	21: "first half,first half of,1st half of,erste hälfte,erste hälfte des,ersten hälfte,ersten hälfte des,première moitié,prima metà,primera mitad,primeira metade,eerste helft,первая половина,первой половине,перша половина,pierwsza połowa,první polovina,prvá polovica,gjysma e parë,gjysma e parë e,första hälften,första hälften av,første halvdel,første halvdel af,første halvdel av,prima jumatate",
	22: "second half,second half of,2nd half of,latter half,last half,zweite hälfte,zweite hälfte des,zweiten hälfte,zweiten hälfte des,seconde moitié,deuxième moitié,seconda metà,segunda mitad,segunda metade,tweede helft,вторая половина,второй половине,друга половина,druga połowa,druhá polovina,druhá polovica,gjysma e dytë,gjysma e dytë e,andra hälften,andra hälften av,anden halvdel,anden halvdel af,andre halvdel,andre halvdel av,a doua jumatate",
	31: "first third,erstes drittel,erstes drittel des,premier tiers,primer tercio,primo terzo,primeiro terço,первая треть,první třetina",
	32: "second third,middle third,zweites drittel,zweites drittel des,mittleres drittel,mittleres drittel des,deuxième tiers,segundo tercio,secondo terzo,segundo terço,вторая треть,druhá třetina",
	33: "last third,third third,final third,letztes drittel,letztes drittel des,drittes drittel,drittes drittel des,dernier tiers,último tercio,ultimo terzo,último terço,последняя треть,poslední třetina",
	41: "first quarter,first quarter of,erstes viertel,erstes viertel des,premier quart,primer cuarto,primo quarto,primeiro quarto,eerste kwart,первая четверть,перша чверть,pierwsza ćwierć,první čtvrtina",
	42: "second quarter,second quarter of,zweites viertel,zweites viertel des,deuxième quart,segundo cuarto,secondo quarto,segundo quarto,tweede kwart,вторая четверть,друга чверть,druga ćwierć,druhá čtvrtina",
	43: "third quarter,third quarter of,drittes viertel,drittes viertel des,troisième quart,tercer cuarto,terzo quarto,terceiro quarto,derde kwart,третья четверть,третя чверть,trzecia ćwierć,třetí čtvrtina",
	44: "fourth quarter,fourth quarter of,last quarter,last quarter of,final quarter,viertes viertel,viertes viertel des,letztes viertel,letztes viertel des,dernier quart,quatrième quart,último cuarto,cuarto cuarto,ultimo quarto,último quarto,laatste kwart,vierde kwart,последняя четверть,четвертая четверть,остання чверть,ostatnia ćwierć,poslední čtvrtina",
	// By a convention: the early, the middle and the late part.
	91: "early,beginning,beginning of,start of,anfang,anfang des,beginn,beginn des,début,début des,principios,principios de,comienzos,comienzos de,inizio,inizi,início,inícios,begin,начало,начала,начале,початок,początek,początku,pocz,fillimi i,fillimi,začátek,počátek,počátkem,började,början av,början,begyndelsen af,begynnelsen av,inceputul,αρχεσ,ineunte",
	92: "mid,middle,middle of,mitte,mitte des,milieu,milieu du,mediados,mediados de,meados,meados de,midden,середина,середины,середине,середині,mesi i,mesi,mitten av,mitten,midten af,midten av,mijlocul,μεσα",
	93: "late,end,end of,ende,ende des,fin,fin des,finales,finales de,fine,finais,finais de,ex,eind,einde,конец,конца,конце,кінець,koniec,końca,kon,fundi i,fundi,konec,koncem,slutet av,slutet,slutningen af,slutten av,sfarsitul,τελη,exeunte",
}

var otherWords = map[wordKind]string{
	wordSkipped: "the,of,in,on,year,day,month,anno,dated,d,im,am,den,der,dem,vom,jahr,jahre,jahres,le,la,les,du,au mois," +
		"del,el,los,il,nel,gli,do,da,dos,op,het,jaar,год,года,году,годы,годов,г,гг,rok,roku,lata,latach,r,viti,vitin,vitit," +
		"më,dt,ár,år,året,gregorian,gregorian calendar,new style,n s,ns,н ст,по новому стилю,neuen stils,nouveau style," +
		"dl,d l,dépôt légal,depósito legal,impr,imprimé,impreso,gedruckt," +
		"printed,printing,published,publ,pub,issued,inclusive,année,р,рр,року,рік," +
		"copyright,cop,monday,tuesday,wednesday,thursday,friday,saturday,sunday,mon,tue,tues,wed,thu,thur,thurs,fri,sat,sun," +
		"montag,dienstag,mittwoch,donnerstag,freitag,samstag,sonnabend,sonntag,lundi,mardi,mercredi,jeudi,vendredi,samedi,dimanche," +
		"lunes,martes,miércoles,jueves,viernes,sábado,domingo,lunedì,martedì,mercoledì,giovedì,venerdì,sabato,domenica," +
		"segunda-feira,terça-feira,quarta-feira,quinta-feira,sexta-feira,maandag,dinsdag,woensdag,donderdag,vrijdag,zaterdag,zondag," +
		"понедельник,вторник,среда,четверг,пятница,суббота,воскресенье,poniedziałek,wtorek,środa,czwartek,piątek,sobota,niedziela," +
		"pondělí,úterý,středa,čtvrtek,pátek,neděle,måndag,tisdag,onsdag,torsdag,fredag,lördag,söndag," +
		"e hënë,e martë,e mërkurë,e enjte,e premte,e shtunë,e diel",
	wordCentury: "century,centuries,cent,jahrhundert,jahrhunderts,jh,jhd,jhdt,jhs,siècle,siècles,siglo,siglos,s,secolo,secoli,sec," +
		"século,séculos,séc,eeuw,век,века,веке,веков,вв,столетие,столетия,століття,wiek,wieku,wieki,shekull,shekulli,shekullit,shekulli i,shekullit të,shek i,shek," +
		"století,stol,århundradet,sekel,seklet,saeculum,saec",
	wordDecade: "decade,the decade,jahrzehnt,décennie,années,década,década de,década de los,años,anni,anni '," +
		"decennio,anos,década dos,jaren,decade of,the decade of,vitet",
	wordAbout: "ca,cca,circa,cerca,cerca de,about,approximately,approx,around,abt,circ,um,etwa,gegen,ungefähr,zirka,vers,environ," +
		"env,hacia,alrededor de,aproximadamente,verso,verso il,intorno al,c,por volta de,omstreeks,rond,около,ок,приблизительно," +
		"примерно,около,około,ok,okolo,rreth,rreth vitit,kolem,omkring,cirka,noin",
	wordPerhaps: "probably,possibly,perhaps,prob,poss,presumed,maybe,likely,wahrscheinlich,vermutlich,vielleicht,probablement," +
		"peut-être,probablemente,posiblemente,quizás,probabilmente,forse,provavelmente,talvez,waarschijnlijk,misschien,вероятно," +
		"возможно,prawdopodobnie,może,ndoshta,mbase,pravděpodobně,asi,troligen,sannolikt,möjligen",
	wordBC: "π χ,προ χριστου,bc,b c,bce,b c e,before christ,v chr,vor chr,vor christus,v u z,av j-c,av j c,avant j-c,avant j c,avant jésus-christ," +
		"a c,ac,a de c,antes de cristo,avanti cristo,a e c,v c,v chr,voor christus,до н э,до нашей эры,до р х,p n e,pne,przed chr,p n l," +
		"př n l,př kr,para krishtit,p k,para erës sonë,f kr,före kristus,e kr f,avant notre ère",
	wordAD: "μ χ,μετα χριστον,ad,a d,ce,c e,anno domini,n chr,nach chr,nach christus,u z,ap j-c,ap j c,après j-c,apr j-c,après j c,d c,dc,d de c," +
		"después de cristo,dopo cristo,e c,n c,na christus,н э,нашей эры,n e,po chr,n l,po kr,pas krishtit,e kr,efter kristus,de notre ère",
	wordJulian: "julian,julian calendar,old style,o s,os,старого стиля,старый стиль,по старому стилю,ст ст,ст стиль,alten stils," +
		"alter stil,a st,julianisch,julianischer kalender,julien,calendrier julien,vieux style,v st,calendario juliano," +
		"calendario giuliano,juliaans,juliański,starého stylu,gamla stilen,st v,stilo veteri,stili veteris",
	wordTo:    "to,through,thru,au,à,al,a,ao,à la,aan,tot en met,t/m,по",
	wordUntil: "until,till,up to,til,bis,bis zum,jusqu'à,jusqu'en,hasta,fino al,até,tot,до,до конца,deri,deri më,do roku,t o m",
	wordFrom:  "from,von,de,dal,di,van,с,со,от,od,nga,från,z,ze,fra",
	wordSince: "since,seit,depuis,desde,sinds,vanaf,начиная с,que nga,od roku,sedan",
	wordBefore: "before,bef,ante,not after,no later than,prior to,vor,nicht nach,avant,antes de,prima del,voor,vóór,niet na," +
		"перед,раньше,przed,před,përpara,para,före,innan,senast",
	wordAfter: "after,aft,post,not before,no earlier than,nach,nicht vor,après,después de,depois de,dopo,dopo il,na,niet voor," +
		"после,не ранее,po,pas,efter,tidigast",
	wordBetween:      "between,zwischen,zw,entre,tra,fra il,tussen,между,między,midis,ndërmjet,mezi,mellan",
	wordAnd:          "and,und,et,y,e,en,и,i,dhe,och,&",
	wordOr:           "or,oder,ou,o,of ook,или,lub,ose,nebo,eller,vel",
	wordNow:          "present,the present,today,now,ongoing,date,current,heute,présent,aujourd'hui,presente,actualidad,la actualidad,oggi,heden,настоящее время,н в,dziś,dnes,nu,idag",
	wordHundredYears: "talet,tal,luku,luvun",
}
