/** The cues of `prompt-cues.ts` in the other languages of Latin script; programming words are the same everywhere. */
export const latin = `
code 3: skript python-skript klasse methode fehlermeldung programmi* quellcode datenbank abfrage schleife befehl
code 2: funktion variable* ordner datei dateien wirft fehler umbenen* kompilier* programm implement* server schnittstelle
translation 6: übersetz* übersetzung ins_englische ins_deutsche ins_französische auf_deutsch auf_englisch auf_italienisch sagt_man
translation 4: auf_französisch auf_spanisch ins_spanische ins_italienische ins_chinesische auf_russisch auf_türkisch heißt_auf
summarization 6: fasse_den fasse_die fasse_das fasse_diesen zusammenf* zusammen kurzfassung kernaussa* stichpunk*
classification 5: positiv_oder negativ_oder kategori* klassifiz* einordnen ordne wahr_oder ja_oder einstufen eingestuft stimmung
classification 3: bewertung rezension spam oder_nicht zuordnen eine_der welcher_kategorie beleidigend positiv negativ oder_negativ
extraction 6: extrahier* entnimm nenne_alle finde_alle liste_alle vorkommen herausles* entnehm* genannten erwähnten
extraction 3: im_text folgenden_text aus_dieser aus_dem_text rechnungsnummer im_folgenden aus_dem namen_und genannt
reasoning 5: wie_viele wie_viel berechn* gleichung löse_die schritt_für jeden_schritt wahrscheinlichkeit beweis* rechne
reasoning 3: drittel viertel hälfte doppelt prozent insgesamt übrig bleiben pro_stunde durchschnitt rätsel summe wie_lange
chat 6: ^_hallo ^_hi ^_hey guten_morgen guten_abend wie_geht geht_s geht_es danke_dir ^_danke plauder* moin servus tschüss
chat 3: langweilig magst_du bist_du hast_du kannst_du du_bist denkst_du mir dich liebling* ich_bin quatschen traurig findest_du freut_mich mich
other 4: gedicht geschichte rezept schreibe_ein schreib_mir empfiehl empfehl* vorschläg* ideen sehenswür* aufsatz brief tipps
other 2: erkläre welche was_ist ^_was ^_wie ^_warum ^_wer ^_wo schreibe beschreibe reise urlaub erstelle liste
code 3: requête_sql fonction_javascript script_python ma_fonction une_classe programme_en base_de_données une_requête débog*
code 2: fonction script classe variable renvoie erreur tableau fichier fichiers dossier programme boucle serveur compile requête
translation 6: traduis traduire traduisez traduction dit_on en_anglais en_français en_allemand en_espagnol en_italien
summarization 6: résume résumer résumez résumé synthèse synthétis* compte_rendu en_bref grandes_lignes points_clés idées_principales
classification 5: positif_ou négatif_ou positive_ou classe_ce classe_cet classez classifi* catégori* oui_ou vrai_ou ou_négatif
classification 3: avis sentiment indésirable ou_non suivantes positif négatif catégories_suivantes étiquet*
extraction 6: extrais extraire extrayez relève_tous relevez relève repère cités mentionnés mentionnées énumère
extraction 3: dans_le_texte tous_les toutes_les texte_suivant numéro_de le_texte le_montant de_ce les_noms
reasoning 5: combien équation résous résoudre calcule calculer étape_par démontre* probabilité prouve* combien_de
reasoning 3: un_tiers le_tiers quart moitié le_double pourcent total reste_t restent billes en_moyenne heures somme par_heure énigme
chat 6: ^_salut ^_bonjour ^_coucou ^_bonsoir comment_ça ça_va vas_tu ^_merci merci_beaucoup bonne_nuit au_revoir
chat 3: tu_aimes es_tu tu_es as_tu tu préféré je_suis m_ennuie triste sympa discuter penses_tu
other 4: poème histoire recette écris_un rédige recommande suggère conseils idées dissertation lettre chanson voyage visiter
other 2: explique quelles quels ^_quel ^_quelle ^_pourquoi ^_comment ^_qui qu_est donne_moi écris décris liste
code 3: script_en función_de una_función mi_función consulta_sql base_de_datos código programación una_clase depurar
code 2: función funcion script clase variable devuelve error archivo archivos carpeta programa bucle servidor consulta compil*
translation 6: traduce traducir traduzca tradúc* traducción se_dice al_inglés al_español al_francés al_alemán cómo_se en_francés
translation 3: en_inglés en_alemán en_italiano en_español al_italiano al_portugués al_chino al_japonés
summarization 6: resume_el resume_la resume_los resume_las resume_este resume_esta resume_en resumir resumen resúm* resumas sintetiza síntesis ideas_principales puntos_clave en_pocas en_resumen
classification 5: positiva_o negativa_o positivo_o clasific* categor* sí_o verdadero_o o_negativa o_negativo etiquet*
classification 3: reseña sentimiento spam o_no siguientes_categorías positiva negativa positivo negativo opinión
extraction 6: extrae extraer extraiga enumera_todas enumera_todos aparecen mencionados mencionadas mencionan identifica_todos
extraction 3: en_el_texto el_texto número_de todas_las todos_los enumera lista_todos nombres_que de_este los_nombres factura
reasoning 5: cuántos cuántas cuánto cuánta resuelve ecuación calcula calcular paso_a probabilidad demuestra prueba_que
reasoning 3: tercio cuarto mitad doble porcentaje total quedan queda promedio kilómetros suma por_hora acertijo
chat 6: ^_hola buenos_días buenas_tardes buenas_noches qué_tal cómo_estás ^_gracias muchas_gracias adiós ^_oye qué_haces
chat 3: te_gusta estás eres_tú eres charlar podemos tu_favorita tu_favorito me_siento triste aburrid* favorita favorito tú he_tenido
other 4: poema cuento historia receta escribe_un escribe_una recomiend* recomiendas sugier* consejos ideas ensayo carta viaje
other 2: explica qué_es ^_qué ^_cuál ^_quién ^_dónde describe lugares escribe dame crea lista
code 3: uma_função minha_função consulta_sql banco_de código programação script_em uma_classe base_de_dados
code 2: função classe variável retorna erro arquivo arquivos ficheiro pasta programa laço servidor csv depurar colunas
translation 6: traduza traduzir traduz tradução se_diz para_o_inglês o_inglês para_inglês para_português em_inglês em_alemão
translation 3: em_francês em_espanhol em_italiano o_português o_francês o_espanhol o_alemão para_espanhol para_francês
summarization 6: resuma resumir resumo resumida síntese sintetize pontos_principais em_poucas ideias_principais
classification 5: positiva_ou negativa_ou positivo_ou classifi* categori* sim_ou verdadeiro_ou ou_negativa ou_negativo
classification 3: avaliação sentimento resenha ou_não seguintes_categorias positiva negativa rotule
extraction 6: extraia extrair liste_todos liste_todas mencionados mencionadas identifique_todos enumere
extraction 3: no_texto todos_os todas_as número_da do_texto nomes_e desta_mensagem fatura valor_total
reasoning 5: quantos quantas quanto resolva equação calcule calcular passo_a probabilidade demonstre prove_que
reasoning 3: terço quarto metade dobro porcentagem restam sobram média soma por_hora um_quarto quilômetros enigma
chat 6: ^_oi ^_olá ^_ola bom_dia boa_tarde boa_noite tudo_bem como_vai ^_obrigado ^_obrigada muito_obrigado e_aí
chat 3: você_gosta você_é você_está conversar estou triste podemos com_você me_sinto sua_favorita sua_favorito teu tchau você bater_papo
other 4: poema conto história receita escreva_um escreva_uma recomend* sugira sugest* dicas ideias redação carta viagem
other 2: explique ^_quais ^_qual ^_quem ^_onde ^_que descreva pratos lugares escreva crie melhores
code 3: una_classe mia_funzione una_funzione query_sql codice programmazione script_in programma_in base_di_dati
code 2: funzione classe variabile restituisce errore cartella programma ciclo server configurazione metodo compila* di_configurazione
translation 6: traduci tradurre traduca traduzione si_dice in_inglese in_italiano in_tedesco in_francese in_spagnolo
summarization 6: riassumi riassumere riassunto riassunt* sintesi sintetizza in_breve punti_principali punti_chiave sintetiz*
classification 5: positiva_o negativa_o positivo_o classifica classific* categori* sì_o vero_o o_negativa o_negativo
classification 3: recensione sentimento o_no seguenti_categorie positiva negativa etichetta
extraction 6: estrai estrarre estragga elenca_tutti elenca_tutte menzionat* compaiono citati individua_tutti
extraction 3: nel_testo tutti_i tutte_le elenca numero_della fattura da_questo i_nomi dal_testo importo
reasoning 5: quanti quante quanto risolvi equazione calcola calcolare passo_dopo passo_per probabilità dimostra
reasoning 3: terzo quarto metà doppio percento restano resta rimangono in_media somma figurine all_ora chilometri indovinello
chat 6: ^_ciao buongiorno buonasera buonanotte come_stai come_va ^_grazie grazie_mille tutto_bene ^_salve arrivederci
chat 3: ti_piace sei_un sei_una sei_molto chiacchie* mi_sento triste annoio preferit* tuo gentil* parliamo tu che_fai
other 4: poesia racconto storia ricetta scrivi_un scrivi_una consigli* suggeri* idee tema lettera viaggio visitare
other 2: spiega ^_quali ^_quale ^_chi ^_dove cos_è descrivi luoghi scrivi dammi crea
code 3: python_functie functie_in sql_query een_script een_functie broncode programme* databas* script_dat
code 2: functie klasse variabele foutmelding bestand bestanden programma lus server geeft_none query
translation 6: vertaal vertalen vertaling zeg_je naar_het_engels het_engels het_nederlands in_het_duits in_het_frans het_duits het_frans
summarization 6: samenvat* vat_het vat_de vat_dit vat_deze kernpunt* hoofdpunt* kort_samen samengevat samen
classification 5: positief_of negatief_of classific* categori* deel_deze ja_of waar_of of_negatief ingedeeld label
classification 3: recensie gevoel of_niet beoordeling volgende_categorieën positief negatief
extraction 6: extraheer haal_het haal_de haal_alle noem_alle voorkomen genoemde vermeld* vind_alle
extraction 3: in_de_tekst de_tekst factuurnummer uit_dit namen_en uit_deze alle_namen opsomm*
reasoning 5: hoeveel bereken* vergelijking los_de stap_voor waarschij* bewijs
reasoning 3: derde kwart helft dubbel procent totaal gemiddeld* houdt_hij houdt_over per_uur raadsel
chat 6: ^_hoi ^_hallo goedemorgen goedenavond hoe_gaat gaat_het ^_bedankt dank_je ^_dag welterusten doei kletsen
chat 3: hou_je ben_je vind_je heb_je verveel verdrietig favoriet* jij jou me_een ik_voel praten zullen_we
other 4: gedicht verhaal recept schrijf_een aanbevel* raad_je tips ideeën opstel brief reis stel_voor
other 2: leg_uit wat_is ^_welke ^_wat ^_wie ^_waar beschrijf geef_me schrijf maak lijst
code 3: skrypt zapytanie_sql moja_funkcja funkcja_w baza_danych bazie_danych programow* kod kodu napisz_skrypt w_pythonie
code 2: funkcja funkcję klasa klasę zmienna zwraca błąd plik pliki pętla program katalog* serwer kompil* w_bashu
translation 6: przetłuma* tłumacz* tłumaczenie na_angielski na_polski na_niemiecki po_niemiecku po_angielsku po_francusku
translation 3: jak_powiedzieć po_hiszpańsku po_włosku na_francuski na_hiszpański jak_się_mówi po_rosyjsku
summarization 6: streść stresz* podsumuj podsumowa* w_skrócie skróć najważniejsze_punkty główne_myśli
classification 5: pozytywna_czy negatywna_czy pozytywny_czy sklasyfik* klasyfik* przypisz kategori* prawda_czy czy_negatywna
classification 3: recenzja recenzji opinia spam czy_nie sentyment pozytywn* negatywn* zaklasyfikuj
extraction 6: wypisz_wszystkie wypisz wyodrębn* wyciągnij wymień_wszystkie wyszukaj_wszystkie wskaż_wszystkie
extraction 3: w_tekście tekście numer_faktury z_tej pojawiają nazwiska występują z_tekstu wymienione kwotę
reasoning 5: ^_ile ile_razy rozwiąż równanie oblicz obliczyć krok_po prawdopod* udowodnij
reasoning 3: trzecią czwartą połowa połowę procent razem zostało zostanie średnia suma na_godzinę zagadka
chat 6: ^_cześć ^_hej ^_witaj dzień_dobry dobry_wieczór dobranoc jak_się co_słychać ^_dzięki dziękuję ^_siema
chat 3: lubisz jesteś twój ulubion* mi_smutno nudzi porozmawi* pogada* masz ty czujesz
other 4: wiersz opowiadanie przepis napisz_wiersz poleć polecasz zapropon* porady pomysł* wypracowanie list_do podróż
other 2: wyjaśnij co_to ^_jaki ^_jakie ^_co ^_kto ^_gdzie ^_dlaczego opisz napisz podaj
code 3: betiği sql_sorgusu veritabanı veri_tabanı kod kodu kodunu programlama fonksiyonum betik yazılım
code 2: fonksiyon* sınıf değişken döndür* hata dosya* klasör* program döngü sunucu derle* script
translation 6: çevir çevirir çeviri çevirin tercüme ingilizceye türkçeye almancaya fransızcaya ingilizce_nasıl nasıl_denir
translation 3: almanca ingilizce fransızca ispanyolca italyanca rusça japonca nasıl_söylenir
summarization 6: özetle özetler özet özetini özeti özetleyin kısaca_anlat ana_fikir ana_noktaları ana_hatlarıyla
classification 5: olumlu_mu olumsuz_mu sınıfland* kategori* doğru_mu evet_veya sınıfla mi_yoksa mı_yoksa
classification 3: yorum duygu olumlu olumsuz etiketle* spam yanlış_mı
extraction 6: ayıkla çıkart bul_ve listele tüm_isimleri tüm_tarihleri geçen_tüm ayıklayın
extraction 3: metinde metinden geçen mesajdan fatura_numarasını isimleri tarihleri çıkar numarasını
reasoning 5: kaç hesapla* denklem* çöz çözün adım_adım olasılık* ispatla kanıtla ne_kadar
reasoning 3: üçte yarısı çeyrek yüzde toplam kalır kaldı ortalama iki_katı saatte bulmaca
chat 6: ^_merhaba ^_selam günaydın iyi_geceler iyi_akşamlar nasılsın nasılsınız teşekkür* naber ne_haber ^_sağol
chat 3: seviyor_musun sever_misin sen misin en_sevdiğin sıkıldım üzgün* sohbet konuşalım iyisin seni bugün
other 4: şiir hikaye tarif tarifi öner önerir* öneri* fikir fikirler makale_yaz mektup gezmeliyim seyahat gezi
other 2: açıkla nedir ^_hangi ^_neden ^_kim ^_nerede anlat nereleri hakkında yaz en_iyi
translation 4: in_gutes auf_portugiesisch ins_portugiesische ins_russische ins_türkische auf_chinesisch auf_arabisch ins_polnische
translation 3: französisch portugiesisch italienisch spanisch auf_polnisch ins_arabische
summarization 4: wichtigsten_punkte wichtigste wichtigsten das_wesentliche wenigen_sätzen wenigen_worten kern_der kurz_und überblick
classification 4: beleidigend sarkastisch ja_oder antworte_mit dringend_oder welche_kategorie welche_art stufe_ein ironisch
extraction 4: laut_text im_vertrag in_der_mail in_der_rechnung steht_im genannt_werden erwähnt laut_dem welche_namen
extraction 2: unten welche_personen welches_datum rechnung betrag
reasoning 3: doppelt_so zweimal jeweils zusammen_sind alt_ist älter jünger stunden_braucht geschwindigkeit kilometer
chat 2: ich_habe ich_war heute gestern glücklich müde bin_so freue ich_hab hab_ich traurig total_schön einsam
translation 4: en_portugais en_russe en_chinois en_japonais en_arabe en_turc en_néerlandais en_polonais vers_le_français
summarization 4: points_essentiels plus_importants l_essentiel essentiel quelques_phrases en_quelques quelques_lignes points_principaux
classification 4: insultant par_oui réponds_par sarcastique urgent_ou quelle_catégorie de_quel_type injurieux ironique
extraction 4: selon_le_texte d_après qui_a_signé dans_le_contrat dans_ce_texte dans_ce_mail quelles_dates quels_noms dans_l_article
extraction 2: ci_dessous dessous contrat facture
reasoning 3: le_double deux_fois chacun âge_de plus_âgé vitesse kilomètres partagent
chat 2: je_viens j_ai je_n aujourd_hui hier_soir suis_tellement content contente fatigué fatiguée heureux je_me_sens chez_moi
translation 4: en_portugués en_ruso en_chino en_japonés en_árabe al_ruso al_árabe al_catalán en_polaco pon_este
summarization 4: más_importantes lo_más_importante lo_esencial pocas_palabras pocas_frases puntos_principales ideas_clave unas_líneas
classification 4: ofensivo ofensiva responde_sí sí_o sarcástico urgente_o qué_categoría qué_tipo insultante irónico
extraction 4: según_el según_la quién_firmó en_el_contrato en_este_texto en_el_correo qué_fechas qué_nombres en_el_artículo
extraction 2: de_abajo contrato importe siguiente_texto
reasoning 3: el_doble doble_que cada_uno edad_de mayor_que velocidad reparten kilómetros_por
chat 2: acabo_de hoy ayer estoy_muy me_he feliz cansado cansada no_puedo mi_perro mi_gato me_encanta
translation 4: em_russo em_chinês em_japonês em_árabe para_o_espanhol para_o_alemão para_o_francês para_o_italiano em_português
summarization 4: mais_importantes mais_importante o_essencial poucas_palavras poucas_frases ideias_centrais pontos_chave
classification 4: ofensivo ofensiva responda_sim sim_ou sarcástico urgente_ou qual_categoria que_tipo insultuoso irônico
extraction 4: segundo_o de_acordo quem_assinou no_contrato neste_texto no_email quais_datas quais_nomes no_artigo
extraction 2: abaixo contrato fatura o_valor
reasoning 3: o_dobro cada_um idade_de mais_velho velocidade dividem quilômetros_por
chat 2: acabei_de hoje ontem estou_muito feliz cansado cansada não_paro meu_cachorro meu_gato adoro
translation 4: in_portoghese in_russo in_cinese in_giapponese in_arabo in_olandese in_polacco
summarization 4: più_importanti più_importante l_essenziale poche_parole poche_frasi idee_principali concetti_chiave poche_righe
classification 4: offensivo offensiva rispondi_sì sì_o sarcastico urgente_o quale_categoria che_tipo ironico
extraction 4: secondo_il secondo_la chi_ha_firmato nel_contratto in_questo_testo nella_mail quali_date quali_nomi nell_articolo
extraction 2: qui_sotto contratto la_fattura
reasoning 3: il_doppio ciascuno età_di più_grande velocità dividono chilometri_all
chat 2: ho_appena oggi ieri sono_così felice stanco stanca non_smetto il_mio_cane mi_sono che_bello
translation 4: het_portugees het_spaans het_italiaans het_russisch het_chinees het_japans het_arabisch in_het_engels in_het_frans
summarization 4: belangrijkste de_hoofdlijnen enkele_zinnen paar_zinnen in_het_kort kort_overzicht kern_van de_kern
classification 4: beledigend antwoord_met ja_of sarcastisch dringend_of welke_categorie wat_voor_soort ironisch
extraction 4: volgens_de volgens_het wie_heeft in_het_contract in_deze_tekst in_de_mail welke_data welke_namen in_het_artikel
extraction 2: hieronder contract bedrag
reasoning 3: het_dubbele ieder elk_ander leeftijd ouder_dan snelheid kilometer
chat 2: ik_heb ik_ben vandaag gisteren gelukkig blij moe mijn_hond mijn_kat ik_vind zo_leuk
translation 4: na_portugalski na_rosyjski na_włoski na_chiński na_ukraiński na_japoński po_rosyjsku po_portugalsku
summarization 4: najważniejsze najważnie* kilku_zdaniach kilku_słowach w_kilku główne_punkty najistotn* sedno
classification 4: obraźliw* tak_lub odpowiedz_tak sarkasty* pilne_czy jaka_kategoria jakiego_rodzaju ironiczn*
extraction 4: według_tekstu kto_podpisał w_umowie w_tym_tekście w_mailu jakie_daty jakie_nazwiska zgodnie_z
extraction 2: poniższą poniższej poniższego poniżej umowę faktury
reasoning 3: dwa_razy każdy_z starszy młodsz* prędkoś* kilometr* dzieli dzielą
chat 2: właśnie jestem dzisiaj dziś wczoraj szczęśli* zmęczon* mój_pies mój_kot uwielbiam strasznie
translation 4: portekizce çince arapça portekizceye rusçaya arapçaya çinceye italyancaya ispanyolcaya
summarization 4: en_önemli önemli_noktalar önemli_noktaları birkaç_cümle kısa_bir kısaca ana_fikri ana_hatları kısalt*
classification 4: hakaret evet_ya hayır_de evet_mi acil_mi alaycı hangi_kategori hangi_tür ironi
extraction 4: metne_göre sözleşme* kim_imzaladı göre_kim yazıda_geçen e_postadaki tarihler_neler isimler_neler
extraction 2: aşağıdaki fatura
reasoning 3: iki_katını katı yaşında yaşı hız hızla saatte_kaç bölüşüyor kilometre
chat 2: dün mutlu mutluyum yorgun* kedim köpeğim çok_güzel canım hissedi* keyfim bugün_çok
translation 3: englisch englische englischen französische russisch russische italienische spanische polnisch polnische türkisch chinesisch
translation 3: was_heißt wie_heißt wie_sagt heißt_das englischer_fassung
summarization 4: kürze worum_geht es_geht_in zwei_sätzen drei_sätzen ein_satz einem_satz auf_den_punkt grob kürzer
classification 4: handelt_es_sich gib_an_ob ob_es beurteile bestimme_ob welchem_thema jede_nachricht jeden_kommentar
classification 2: beschwerde werbung anfrage dringend wütend neutral lob betrug thema
extraction 3: gib_sie_als als_tabelle suche_alle such_alle heraus telefonnummer telefonnummern namen adresse adressen
extraction 2: preis preise datum geburtsdatum lebenslauf anzeige firmen personen medikamente tabelle
reasoning 3: wie_weit wie_schnell rabatt zinsen quadratwurzel durch_wie teilbar stunden
chat 3: wochenende was_machst wie_war na_du wie_läuft
translation 3: anglais français allemand espagnol italien portugais russe chinois vers_l version_anglaise
summarization 4: condens* de_quoi_parle raccourc* abrège en_une_phrase deux_phrases trois_phrases dizaine_de_lignes lignes_maximum
classification 4: indique_si dis_moi_si donne_une_étiquette une_étiquette chaque_message chaque_commentaire détermine_si sont_ils est_elle
classification 2: plainte réclamation publicité urgent ironiques sérieux neutre colère arnaque catégorie thème
extraction 3: récupère récupérer trouve_tous retrouve liste_les noms adresse téléphone forme_de_tableau
extraction 2: prix horaire horaires dates date montant montants adresses courriel numéro
reasoning 3: remise prix_de_départ à_quelle_vitesse racine_carrée taux_d divisible combien_de_temps
chat 3: quoi_de_neuf week_end ta_journée tu_fais de_ton_côté ça_roule
translation 3: inglés francés alemán italiano portugués ruso chino español_al del_inglés versión_en en_inglés_esta
summarization 4: de_qué_trata dos_líneas tres_líneas una_frase dos_frases acort* abrevia de_qué_va condens* brevemente
classification 4: indica_si di_si dime_si cada_mensaje cada_comentario determina_si es_una_queja es_spam tono_de
classification 2: queja consulta elogio estafa urgente neutro enojado tema
extraction 3: saca_del saca_los saca_las busca_todos busca_todas nombre_la dirección teléfono teléfonos en_una_tabla nombres
extraction 2: precio precios fechas fecha edad currículum correo_electrónico empresas importes
reasoning 3: velocidad_media descuento raíz_cuadrada divisible cuánto_tarda interés_del
chat 3: fin_de_semana cómo_te_ha qué_cuentas qué_haces tu_semana tu_día qué_hay
translation 3: inglês francês alemão italiano russo chinês espanhol versão_em versão_inglesa
summarization 4: do_que_trata de_que_trata poucas_linhas duas_linhas uma_frase encurte condens* sobre_o_que brevemente
classification 4: diga_se indique_se cada_mensagem cada_comentário determine_se é_golpe é_spam tom_de
classification 2: reclamação dúvida elogio golpe legítimo urgente neutro tema
extraction 3: encontre_todos encontre_todas endereço telefone telefones quais_produtos em_uma_tabela nomes
extraction 2: preços preço datas data_de nome idade currículo empresas valores
reasoning 3: velocidade_média desconto raiz_quadrada quanto_tempo em_quantos juros_de
chat 3: fim_de_semana beleza você_conta como_foi seu_dia de_novo
translation 3: inglese francese tedesco spagnolo portoghese russo cinese versione_inglese versione_in
summarization 4: accorcia accorciare di_cosa_parla due_righe una_frase due_frasi concetti_essenziali abbrevia condens*
classification 4: dimmi_se indica_se ogni_messaggio ogni_commento stabilisci_se il_tono tono_di
classification 2: reclamo lamentela truffa urgente neutro arrabbiato felice tema
extraction 3: ricava trova_tutti trova_tutte prezzo indirizzo telefono in_una_tabella nomi indirizzi
extraction 2: prezzi date annuncio età curriculum aziende importi
reasoning 3: velocità_media sconto radice_quadrata quanto_tempo quanto_fa interesse_del
chat 3: fine_settimana com_è che_bello la_tua_giornata che_si_dice come_butta
translation 3: engels engelse frans franse duits duitse spaans italiaans portugees naar_het_frans
summarization 4: waar_gaat grote_lijnen twee_zinnen één_zin drie_zinnen verkort inkorten in_een_zin beknopt*
classification 4: geef_voor_elke geef_aan elk_bericht elke_reactie bepaal_of of_het is_het_spam toon_van
classification 2: klacht klachten reclame dringend boos neutraal oplichting onderwerp
extraction 3: zoek_alle welke_personen genoemd adres telefoonnummer telefoonnummers namen in_een_tabel
extraction 2: prijs prijzen datums datum bedrijven leeftijd cv bedragen
reasoning 3: hoe_lang korting vierkantswortel gemiddelde_snelheid hoe_snel rente_van
chat 3: weekend alles_goed lang_niet je_dag wat_doe_je hoe_was
translation 3: angielski angielsk* niemieck* francusk* hiszpańsk* włoski rosyjsk* ukraińsk* wersji_angielskiej
summarization 4: o_czym w_skrócie jednym_zdaniu dwóch_zdaniach skróć skrócić dwóch_linijkach krótko
classification 4: oceń_czy określ_czy zaznacz każdą_wiadomość każdy_komentarz czy_wpis czy_to_spam ton_wypowiedzi
classification 2: skarga reklamacja oszustwo pilne neutraln* hejtem żartem temat
extraction 3: podaj_z znajdź_wszystkie cenę adres adresy telefon telefony imiona w_tabeli
extraction 2: daty datę metraż ceny wiek firmy kwoty ogłoszenia
reasoning 3: w_jakim_czasie rabat* pierwiastek średnia_prędkość jak_szybko jak_długo zniżk*
chat 3: weekend co_tam u_ciebie hejka twój_dzień co_robisz
translation 3: ingilizce ingilizce* fransızca almanca ispanyolca arapça japonca rusçası
summarization 4: ne_anlat iki_cümlede bir_cümleyle bir_cümlede ne_hakkında kısalt özü iki_satırda
classification 4: olduğunu_belirt belirt her_mesaj her_yorum mi_değil mı_değil mu_değil spam_mi hangi_konu tonu
classification 2: şikayet soru_mu reklam acil dolandır* nötr kızgın konu
extraction 3: bul_getir fiyatı adresi telefonu tabloya isimleri tarihler adları adresleri
extraction 2: ilandan fiyat adres telefon özgeçmiş* şirket* tutarları
reasoning 3: indirim kaç_lira karekök* ortalama_hız faiz ne_kadar_sürer kaç_saatte yüzde_kaç
chat 3: hafta_sonu keyifler nasıl_gidiyor ne_yapıyorsun günün nasıl_geçti
`
