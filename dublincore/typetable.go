package dublincore

// typeTable says of labels which class of the DCMI Type Vocabulary they are, and which concept of COAR
// and of the AAT where that is certain. The first row with a COAR or AAT concept stands for it.
// Labels of genres (memorandum, telegram) are in; labels that tell nothing (item, object, file, record) or
// two things (French carte and Romanian carte) are not.
//
// All concepts of the COAR Resource Type Vocabulary 3.0 are in but "other", by the vocabulary's own site, and
// those of 2.0 that were given up, by OpenAIRE's guidelines for literature repositories: their URIs live on.
// A concept that DCMI has no class for has none here. COAR's letter (c_0857) is a short paper, no
// correspondence, and its manuscript is written by hand. The numbers of the AAT are those that at least two
// libraries' published mappings agree on.
var typeTable = []struct{ dcmi, coar, aat, labels string }{
	// Text
	{"Text", "c_18cf", "", "text,texts,texte,texto,testo,tekst,текст,textual,textual material,printed text,text resource,language material," +
		"document,documents,dokument,documento,documenti,documentos,dokumente,документ,document textuel,dokumentua,literature,schriftgut,written text"},
	{"Text", "c_6501", "300048715", "article,journal article,journalarticle,artikel,zeitschriftenartikel,article de revue,artículo,artigo,articolo," +
		"статья,artykuł,tidskriftsartikel,članak,artikull,scholarlyarticle,scholarly article,magazine article,aufsatz,article de périodique"},
	{"Text", "c_3e5a", "", "contribution to journal,contribution to periodical,contributiontoperiodical"},
	{"Text", "c_7acd", "", "corrigendum,erratum,errata,correction"},
	{"Text", "c_7bab", "", "software paper,softwarepaper"},
	{"Text", "D97F-VB57", "", "commentary"},
	{"Text", "H9BQ-739P", "", "peer review,peerreview"},
	{"Text", "c_6947", "", "blog post,blogposting,blog"},
	{"Text", "c_2df8fbb1", "", "research article,forschungsartikel"},
	{"Text", "c_beb9", "", "data paper,datapaper,data article"},
	{"Text", "c_dcae04bc", "", "review article,literature review"},
	{"Text", "c_efa0", "", "review,rezension,compte rendu,reseña,recensione,рецензия,recenzja,recension"},
	{"Text", "c_ba08", "", "book review,bookreview,buchbesprechung"},
	{"Text", "c_b239", "", "editorial,leitartikel,éditorial,editoriale"},
	{"Text", "c_545b", "", "letter to the editor,lettertotheeditor,leserbrief"},
	{"Text", "c_998f", "", "newspaper article,newspaperarticle,newsarticle,news article,zeitungsartikel,article de presse,tidningsartikel"},
	{"Text", "c_2f33", "300028051", "book,books,buch,bücher,livre,livres,libro,libros,libri,livro,livros,boek,boeken,книга,книги,książka,książki,libër,libra," +
		"kniha,knihy,bok,böcker,monograph,monographs,monografie,monographie,monografía,monografia,монография,e book,ebook,ebooks,printed book,druckwerk," +
		"kirja,könyv,kitap,βιβλίο"},
	{"Text", "c_3248", "", "book part,bookpart,book chapter,chapter,bookchapter,buchkapitel,kapitel,chapitre,capítulo,capitolo,hoofdstuk,глава," +
		"rozdział,inbook,incollection,book section,bookitem,in book,part of book,contribution in book"},
	{"Text", "c_0640", "", "journal,zeitschrift,revue,revista,rivista,tijdschrift,журнал,czasopismo,revistë,časopis,tidskrift,scholarly journal"},
	{"Text", "c_2659", "300026657", "periodical,serial,serials,periodicals,periodika,périodique,publicación periódica,periodico,continuing resource,serie," +
		"zeitschriftenheft,issue,journal issue,periodical issue"},
	{"Text", "c_2cd9", "", "magazine,magazines"},
	{"Text", "QX5C-AR31", "", "other periodical"},
	{"Text", "c_2fe3", "300026656", "newspaper,newspapers,zeitung,zeitungen,journal quotidien,periódico,jornal,giornale,quotidiano,krant,kranten,газета,газеты," +
		"gazeta,gazetë,noviny,tidning,dagstidning,newspaper issue"},
	{"Text", "c_f744", "", "conference proceedings,proceedings,konferenzband,actes,actes de colloque,actas,atti,materiały konferencyjne"},
	{"Text", "c_c94f", "", "conference object,conferenceobject,conference item,conferenceitem,conference output,conference contribution,konferenzbeitrag"},
	{"Text", "c_5794", "", "conference paper,conferencepaper,inproceedings,proceedings paper,meeting paper,communication,comunicación,tagungsbeitrag"},
	{"Text", "c_18cp", "", "conference paper not in proceedings"},
	{"Text", "R60J-J5BD", "", "conference presentation"},
	{"Text", "c_6670", "", "conference poster,conferenceposter"},
	{"Text", "c_18co", "", "conference poster not in proceedings"},
	{"Text", "c_46ec", "300028028", "thesis,theses,these,thèse,tesis,tesi,tese,dissertation,dissertations,dissertatie,диссертация,praca dyplomowa,avhandling," +
		"hochschulschrift,proefschrift,thesis or dissertation,electronic thesis or dissertation,etd,disertim"},
	{"Text", "c_db06", "", "doctoral thesis,doctoralthesis,phd thesis,phdthesis,doctoral dissertation,dissertation (phd),doktorarbeit,thèse de doctorat," +
		"tesis doctoral,tesi di dottorato,tese de doutorado,doktorsavhandling,praca doktorska,докторская диссертация"},
	{"Text", "c_bdcc", "", "master thesis,masterthesis,master's thesis,masters thesis,mastersthesis,masterarbeit,mémoire de master,tesis de maestría," +
		"dissertação de mestrado,praca magisterska,masteruppsats,diplomarbeit"},
	{"Text", "c_7a1f", "", "bachelor thesis,bachelorthesis,bachelor's thesis,bachelors thesis,bachelorarbeit,trabajo fin de grado,kandidatuppsats"},
	{"Text", "c_93fc", "300027267", "report,reports,bericht,berichte,rapport,rapports,informe,informes,relazione,relatório,verslag,отчет,отчёт,доклад,raport," +
		"zpráva,raporte"},
	{"Text", "c_18gh", "", "technical report,technicalreport,techreport"},
	{"Text", "c_18ws", "", "research report,forschungsbericht,external research report"},
	{"Text", "c_18ww", "", "internal report"},
	{"Text", "c_186u", "", "policy report"},
	{"Text", "c_18op", "", "project deliverable"},
	{"Text", "c_18hj", "", "report to funding agency"},
	{"Text", "c_18wq", "", "other type of report"},
	{"Text", "c_ba1f", "", "report part"},
	{"Text", "c_7877", "", "clinical study"},
	{"Text", "c_ab20", "", "data management plan,output management plan,outputmanagementplan"},
	{"Text", "YZ1N-ZFT9", "", "research protocol"},
	{"Text", "c_8042", "", "working paper,workingpaper,arbeitspapier,discussion paper,document de travail,documento de trabajo"},
	{"Text", "c_816b", "", "preprint,vorabdruck,pre print,eprint"},
	{"Text", "c_71bd", "", "technical documentation,manual,handbook,handbuch,manuel,user guide"},
	{"Text", "c_baaf", "", "research proposal,proposal"},
	{"Text", "c_8544", "", "lecture,vorlesung,vortrag,leçon,conferencia"},
	{"Text", "", "", "presentation,slides,slide deck"},
	{"Text", "c_15cd", "", "patent,brevet,brevetto,patente,патент"},
	{"Text", "SB3Y-W4EH", "", "pct application"},
	{"Text", "C53B-JCY5", "", "design patent"},
	{"Text", "Z907-YMBB", "", "plant patent"},
	{"Text", "GPQ7-G5VE", "", "plant variety protection"},
	{"Text", "MW8G-3CR8", "", "software patent"},
	{"Text", "9DKX-KSAF", "", "utility model,gebrauchsmuster"},
	{"Text", "c_86bc", "", "bibliography,bibliographie,bibliografía,bibliografia,библиография"},
	{"Text", "c_1162", "", "annotation"},
	{"Text", "c_0857", "", "research letter,short communication,rapid communication"},
	{"Text", "", "300026879", "letter,letters,brief,briefe,lettre,lettres,carta,cartas,lettera,lettere,письмо,письма,list prywatny,letër,dopis,brev,correspondence," +
		"korrespondenz,correspondance,correspondencia,corrispondenza,correspondência,korespondencja,korrespondens,briefwechsel"},
	{"Text", "c_0040", "300028569", "manuscript,manuscripts,manuskript,handschrift,handschriften,manuscrit,manuscrits,manuscrito,manoscritto,handschriftlich,рукопись," +
		"rękopis,dorëshkrim,rukopis,handskrift,codex,handwritten"},
	{"Text", "", "300027112", "diary,diaries,tagebuch,journal intime,diario,diário,dagboek,дневник,dziennik,ditar,deník,dagbok,journal (diary)"},
	{"Text", "c_18wz", "300026906", "memorandum,memoranda,memorandums,memo,memorandum of conversation,memorandum of meeting,меморандум"},
	{"Text", "", "300027440", "minutes,meeting minutes,minutes of meeting,protokoll,sitzungsprotokoll,procès verbal,acta,verbale,notulen,протокол,protokół,procesverbal"},
	{"Text", "", "300026909", "telegram,telegrams,telegramm,télégramme,telegrama,telegramma,телеграмма,telegrafi,cable,cablegram"},
	{"Text", "", "300026671", "speech,speeches,rede,discours,discurso,discorso,toespraak,речь,przemówienie,fjalim,projev,tal,address"},
	{"Text", "", "300027200", "note,notes,handwritten notes,notizen,aufzeichnung,notas,appunti,заметки,notatki,shënime,poznámky,anteckningar"},
	{"Text", "", "300220572", "pamphlet,pamphlets"},
	{"Text", "", "", "brochure,broschüre,leaflet,flugblatt,flyer,flugschrift,folleto,opuscolo,broszura,broadside,broadsides,ephemera,programme"},
	{"Text", "", "", "clipping,clippings,press clipping,zeitungsausschnitt,coupure de presse,recorte de prensa"},
	{"Text", "6NC7-GK9S", "", "transcription,transcript,transkript"},
	{"Text", "", "", "archival record,archival records,archival material,akte,akten,dossier,archivalie,urkunde,charter,deed,contract," +
		"certificate,legal document,government document,government publication,court record,treaty,agreement,press release"},
	{"Text", "", "", "essay,essays,essai,ensayo,saggio,эссе,poem,poems,poetry,gedicht,poème,poema,poesia,novel,roman,novela,romanzo,short story,play (drama),drama," +
		"fiction,nonfiction,biography,autobiography,web page,webpage,encyclopedia entry,dictionary,dictionary entry,reference entry,catalog,catalogue,finding aid,inventory"},
	{"Text", "c_18cw", "300026427", "musical notation,notated music,score,scores,sheet music,musical score,noten,partitur,musikdruck,partition,partitura,spartito," +
		"ноты,nuty,noty,partitura musical,bladmuziek"},
	// Images
	{"Image", "c_c513", "", "image,images,bild,bilder,imagen,imágenes,immagine,immagini,imagem,imagens,afbeelding,afbeeldingen,beeld,изображение,obraz (grafika)," +
		"imazh,obrázek,picture,pictures,visual,visual material,graphic,graphics,grafik,graphic material,kuva,kép,εικόνα,imageobject,illustration,illustrations"},
	{"StillImage", "c_ecc8", "", "still image,stillimage,still images,two dimensional nonprojectable graphic,two dimensional graphic,image fixe,ikonographie,standbild"},
	{"StillImage", "", "300046300", "photograph,photographs,photo,photos,photography,fotografie,fotografien,fotografia,fotografía,photographie,photographies,foto,fotos,fotografías," +
		"фотография,фотографии,fotografi,zdjęcie,zdjęcia,fotografie (medium),negative,negatives,photographic negative,slide (photograph),glass plate negative,daguerreotype,valokuva,fénykép,fotoğraf,φωτογραφία"},
	{"StillImage", "", "300026816", "postcard,postcards,postkarte,ansichtskarte,carte postale,tarjeta postal,cartolina,cartão postal,ansichtkaart,prentbriefkaart,открытка,pocztówka,kartolinë,pohlednice,vykort"},
	{"StillImage", "", "300027221", "poster,posters,plakat,plakate,affiche,affiches,cartel,manifesto (poster),плакат,plakát,affisch"},
	{"StillImage", "", "300033973", "drawing,drawings,zeichnung,zeichnungen,dessin,dessins,dibujo,dibujos,disegno,disegni,desenho,tekening,tekeningen,рисунок,rysunek,vizatim,kresba,teckning," +
		"architectural drawing,sketch,technical drawing"},
	{"StillImage", "", "300033618", "painting,paintings,gemälde,malerei,peinture,pintura,dipinto,schilderij,schilderijen,картина,живопись,malarstwo,pikturë,malba,målning"},
	{"StillImage", "", "300078925", "watercolor,watercolors,watercolour,watercolours,aquarell,aquarelle"},
	{"StillImage", "", "300041273", "print,prints,druckgraphik,druckgrafik,estampe,estampes,grabado,stampa,gravura,prent,prenten,гравюра,grafika,engraving,engravings,etching,lithograph,woodcut,kupferstich,radierung,lithographie"},
	{"Image", "c_12cd", "300028094", "map,maps,karte,karten,landkarte,carte géographique,mapa,mapas,mappa,kaart,kaarten,карта,карты,mapy,hartë,harta,karta,kartor,kartta,térkép,harita,χάρτης"},
	{"Image", "c_12cc", "", "atlas,atlases,cartographic material,cartographic,cartographic image,kartographisches material,cartographic resource,kartenmaterial"},
	// Moving images and sound
	{"MovingImage", "c_8a7e", "", "moving image,movingimage,moving images,bewegtbild,image animée,two dimensional moving image,projected medium,imagen en movimiento"},
	{"MovingImage", "c_12ce", "300028682", "video,videos,video recording,videorecording,videoobject,vidéo,vídeo,видео,wideo,videoaufnahme,audiovisual,film/video,enregistrement vidéo"},
	{"MovingImage", "", "300136900", "film,films,motion picture,motion pictures,movie,movies,spielfilm,película,pellicola,filme,фильм,кинофильм,televisionprogram,television program,broadcast,animation,newsreel,documentary"},
	{"Sound", "c_18cc", "", "sound,sounds,ton,son,sonido,suono,som,geluid,звук,dźwięk,tingull,zvuk,ljud,audio,audioobject,audio recording,tondokument,äänite"},
	{"Sound", "", "300028633", "sound recording,sound recordings,soundrecording,tonaufnahme,tonaufzeichnung,enregistrement sonore,grabación sonora,registrazione sonora,gravação sonora,geluidsopname,звукозапись,nagranie dźwiękowe," +
		"sound recording nonmusical,sound recording musical,spoken word,audiobook,radio program,radio programme,podcast,podcastepisode,music recording,musicrecording,hörbuch"},
	{"Sound", "", "300202595", "oral history,oral histories"},
	{"", "c_26e4", "300026392", "interview,interviews,entretien,entrevista,intervista,интервью,wywiad,intervistë,rozhovor,intervju"}, // printed, filmed or recorded
	{"Sound", "c_18cd", "", "musical composition,music,musik,musique,música,musica,muziek,музыка,muzyka,muzikë,hudba,song,songs,lied,chanson"},
	// Data, programs, the rest
	{"Dataset", "c_ddb1", "", "dataset,datasets,data set,data,database,datenbank,base de données,base de datos,банк данных,datensatz,conjunto de datos,jeu de données,dati," +
		"zbiór danych,набор данных,statistics,statistical data,table,spreadsheet,datový soubor,datamängd"},
	{"Dataset", "EHVM-H119", "", "research data,forschungsdaten,données de recherche,datos de investigación"},
	{"Dataset", "ACF7-8YT9", "", "aggregated data"},
	{"Dataset", "c_cb28", "", "clinical trial data,clinical trial"},
	{"Dataset", "FXF3-D3G7", "", "compiled data"},
	{"Dataset", "AM6W-6QAW", "", "encoded data"},
	{"Dataset", "63NG-B465", "", "experimental data"},
	{"Dataset", "A8F1-NPV9", "", "genomic data"},
	{"Dataset", "2H0M-X761", "", "geospatial data"},
	{"Dataset", "H41Y-FW7B", "", "laboratory notebook"},
	{"Dataset", "DD58-GFSX", "", "measurement and test data"},
	{"Dataset", "FF4C-28RK", "", "observational data"},
	{"Dataset", "CQMR-7K63", "", "recorded data"},
	{"Dataset", "W2XT-7017", "", "simulation data"},
	{"Dataset", "NHD0-W6SY", "", "survey data"},
	{"Software", "c_5ce6", "", "software,computer program,computer file,computer software,softwareapplication,programm,logiciel,programa de computador,программа,oprogramowanie,programvara,application"},
	{"Software", "c_c950", "", "research software"},
	{"Software", "QH80-2R4E", "", "source code,sourcecode,softwaresourcecode,code"},
	{"Software", "", "300256888", "video game,video games,videogame"},
	{"", "c_393c", "", "workflow"},
	{"InteractiveResource", "", "", "computational notebook,computationalnotebook"},
	{"InteractiveResource", "c_e9a0", "", "interactive resource,interactiveresource,ressource interactive,recurso interactivo,game,virtual reality"},
	{"InteractiveResource", "c_7ad9", "", "website,web site,websites,site web,sitio web,sito web,webseite,веб сайт,online resource (website)"},
	{"InteractiveResource", "c_e059", "", "learning object,learningobject,learning resource,learningresource,educational resource,lehrmaterial,course,tutorial,teaching material"},
	{"PhysicalObject", "", "", "physical object,physicalobject,physical objects,three dimensional object,3d object,3d,artifact,artifacts,artefact,artefacts,realia,museum object,museumsobjekt,objet,objeto físico,oggetto," +
		"voorwerp,предмет,obiekt muzealny,föremål,textile,textiles,clothing,costume,tool,furniture,jewelry,ceramic,ceramics,pottery,specimen,coin,coins,münze,medal,stamp (postage)"},
	{"PhysicalObject", "", "300047090", "sculpture,sculptures,skulptur,plastik,escultura,scultura,beeldhouwwerk,скульптура,rzeźba,skulpturë,socha,statue"},
	{"", "542X-3S04", "", "design"},
	{"", "JBNF-DYAD", "", "industrial design"},
	{"", "BW7T-YM2G", "", "layout design"},
	{"", "H6QP-SC1X", "", "trademark"},
	{"Collection", "", "", "collection,collections,sammlung,sammlungen,colección,collezione,coleção,collectie,verzameling,коллекция,kolekcja,zbiór,koleksion,sbírka,samling,fonds,archival collection,bestand,fondo,aggregate"},
	{"Event", "", "", "event,events,veranstaltung,événement,evento,gebeurtenis,событие,wydarzenie,ngjarje,událost,händelse,exhibition,ausstellung,exposition,performance,concert,workshop"},
	{"Service", "", "", "service,services,dienst,dienstleistung,servicio,servizio,serviço,услуга,usługa,shërbim,služba,tjänst,web service,webservice"},
}
