/**
 * The words by which `prompt-class.ts` tells what a prompt asks for, in English. A line is a class, a weight and its
 * cues. `two_words` and `three_words_so` are neighbours, `stem*` is every word that begins so (4 to 9 letters), `^` the
 * start of a sentence or line; `:` and `?` are words. A cue counts once a text, and less in the middle of a long one; of
 * one that is listed twice the first counts.
 */
export const english = `
code 5: stack_trace source_code code_snippet write_code code_review pull_request unit_test unit_tests segmentation_fault
code 4: python javascript typescript java golang kotlin c++ c# php mysql postgresql postgres sqlite regex powershell dockerfile
code 4: kubernetes github gitlab nodejs reactjs nextjs vue3 django flask pandas numpy pytorch tensorflow jquery laravel
code 4: nullpointerexception typeerror valueerror keyerror segfault stacktrace codebase refactor* sql bash debugg* async
code 4: terraform ansible webpack npm pytest junit graphql haskell perl matlab scala fastapi postgis nginx latex pygame
code 3: code coding html css json yaml xml api docker git react angular compile* compiler traceback exception javac def const
code 3: subprocess repo commit commits rebase endpoint endpoints dataframe struct enum websocket shellscript pseudocode
code 3: shell_script bash_script a_function the_function this_function regular_expression command_line sample_code a_script
code 3: assembly_language the_build in_rust in_swift in_vba in_excel excel_formula sheets_formula arduino verilog vscode
code 2: function functions program programming script method methods array arrays linux undefined variable variables database
code 2: cli localhost deploy* lint parser parse parameter parameters argument arguments boolean integer implement implementation
code 2: branch branches hook hooks aws ec2 lambda url unity selenium scrape scraping frontend backend software_engineer crash*
code 2: query queries column columns schema library app_that web_app chatbot config configuration docs readme plugin gui kernel
code 2: markdown_format script_that import bug bugs fix_the fix_this the_tests the_test test_suite add_tests codes
code 4: python_function python_program write_code give_me_code the_code_path latex plugin write_a_program
code 3: program_to program_that a_program code_below code_that code_to conditionals shader testbench tailwind flutter nix programmatically worktree gitignore changelog add_a_test the_code this_code
code 3: neural_network source_files uncommitted integration_test integration_tests python_code python_script tensor kernel
code 2: pr prs command commands rename validate validation validates push pushed comments logging panic tuple subdomain port app
code 2: application software data_structure development_environment null session sessions helper deduplicate render component
code 2: this_branch local_branch the_changes a_bug the_logs the_hook user_story the_api plain_text stash uuid diff prod staging
code 1: changes implemented agent workflow prompt step data website web_page format
code 1: error errors server file files folder directory class object objects string loop list_of_numbers output install run
code 1: log logs test tests flag implement_the table tables revert merge metadata logic duplicate remove update default version
translation 6: translate translated translating translation translates ^_translate
translation 4: you_say into_english into_french into_german into_spanish into_chinese into_japanese into_italian into_russian
translation 4: to_french to_german to_spanish to_chinese to_japanese to_italian to_russian to_portuguese to_english to_dutch
translation 4: into_arabic into_portuguese into_polish into_turkish into_hindi into_korean into_dutch into_ukrainian to_korean
translation 3: in_french in_german in_japanese in_chinese in_italian in_russian in_arabic in_korean in_turkish in_polish in_dutch
translation 2: in_spanish in_portuguese in_latin in_hindi interpreter subtitle
translation 1: spanish french german japanese chinese italian russian arabic korean turkish polish dutch
summarization 6: summarize summarise summarizing summarising summarization tl_dr tldr summarized ^_summarize ^_summarise a_summary
summarization 5: brief_summary short_summary summary_of boil* condense sum_up in_brief abridge* main_points key_points key_takeaways
summarization 4: summary summaries a_nutshell recap recapped gist in_short abstract_for a_title headline boils_down few_words
summarization 4: title_for its_title write_its one_sentence outline_of to_summarize main_idea synopsis digest layman_s
summarization 3: takeaways shorten rephrase_that bullet_points essentials ^_title article_: subject_line outline
summarization 2: two_sentences three_sentences article abstract report transcript 3_sentences 2_sentences document concise minutes
classification 6: classify categorize categorise classification sentiment category_does one_category which_category text_classif
classification 5: positive_or negative_or true_or or_negative or_positive or_neutral yes_or spam_or is_spam or_false or_unsatisfied
classification 4: categories category label_the label_this label_each rate_this rating star star_rating hate_speech offensive toxic
classification 4: detect_if choose_a_topic topic_for identify_the_bias check_if are_duplicates increase_or decrease_or or_not output_yes output_true output_1 whether_the this_review the_review tone_to review_: genre_of
classification 3: topic_of the_topic positive negative satisfied dissatisfied unsatisfied recommend_this spam premise hypothesis
classification 3: entails entailment contradic* following_categories one_of detect_if identify_if tell_me_if intent_of decide_whether
classification 3: determine_whether correct_answer is_that_a be_treated flattering unflattering true false decide_if tell_if
classification 2: review belongs belong_to label labels labels_: categorized ethical duplicates grammatical pos_tag factually_correct
classification 2: would_you_say this_product sentiment_: is_this does_this would_the decide determine verify claim predict options_are
extraction 6: extract extracted extracting extraction
extraction 4: mentioned_in the_passage this_passage following_passage pull_out all_names the_paragraph this_paragraph given_paragraph
extraction 4: background_: passage_: context_: be_extracted be_gathered details_on following_conversation key_details from_the_text
extraction 4: the_conversation dialogue_: paragraph_: information_: question_: according_to based_on_the list_all pull_the
extraction 3: names_mentioned find_all answer_the question_please this_question following_question the_abstract in_the_text
extraction 3: the_sentence_: information_about the_bio the_contract in_brackets named_entities entities entity choices_: find_out
extraction 2: question answer_: the_subject the_information this_background the_background background situation relation retrieve
extraction 2: question_related out_of contained appear appears choices the_article relationship identify_all answer_from
reasoning 6: how_many solve ^_solve equation equations math_problem word_problem math_question
reasoning 5: solve_the_given how_much_more how_much_money ^_prove prove_the prove_that proof show_your in_total what_percentage probability
reasoning 4: calculate how_much how_long how_far how_old syllogism puzzle theorem altogether combined per_hour km_h mph
reasoning 4: ^_prove derive the_derivative integral the_probability logically must_be reasoning the_sum nth_term an_hour sequence_:
reasoning 3: total twice half percent third quarter remaining each_day per_day per_week per_minute each_week each_month
reasoning 3: the_value find_the_value the_length triangle perimeter polynomial slope if_all prime therefore celsius fahrenheit
reasoning 3: times_as more_than fewer less_than math_questions maths mathematical analogy logic_puzzle odd_number convert_the_following
reasoning 2: step_by_step each cost costs miles hours dollars average sum divide* multipl* subtract spend spent earns buys sells sold
reasoning 2: left if twice_as bought dozen pounds apples cents number_of the_number weeks yards feet weighs profit
chat 6: ^_hi ^_hello ^_hey hello_hello how_are good_morning good_evening good_night chat_with nice_to s_up thank_you ^_thanks
chat 5: ^_thx your_favorite your_favourite do_you_ever let_s_play let_s_talk m_bored are_you_a are_you_smarter ^_hiya ^_yo ty lol
chat 4: thanks haha hahaha lmao hmm heh yeah yep nope nah ^_ok ^_oh ^_ah ^_well ^_yes ^_no ^_sorry ^_cool ^_np ^_nice wow
chat 4: ^_hmm ^_yeah ^_lol ^_haha i_feel i_felt feel_lonely so_sad broke_up talk_to hang_out ur u pls dunno gonna wanna btw imho imo
chat 3: i_think i_guess i_mean i_was i_dont i_don do_you did_you have_you are_you you_ever i_love anyone anybody someone guys
chat 3: thats doesnt dont cant didnt isnt wont im ive id he_s it_s you_re s_what same_here me_too see_you bye friend you_too
chat 3: you_can you_are you_have you_could weird dream who_are does_anyone ah oh ok okay sorry sure gotta kinda bored i_never
chat 2: i_m i_ve i_ll i_d you_ll you_ve try_to just it_is maybe probably really think know what_are_you they_are what_is_that
chat 3: i_tried i_have_no i_had i_got sounds_good good_luck me_know i_know have_no_idea roger no_idea i_see hi hello hey
chat 2: ^_but ^_and ^_so ^_then but_it but_i a_lot you_want do_it not_sure should_be works it_says
chat 1: you i me my it that_s don_t can_t there too try got still they he she we this
other 5: poem haiku story essay recipe recipes cover_letter lyrics song blog_post itinerary brainstorm slogan joke jokes speech
other 5: generate_a_review write_a_review review_of review_based a_story a_sentence_about cover_letter write_a_conversation horror movie_plot
other 4: come_up ideas_for pros_and recommend suggestions tips ^_rewrite ^_paraphrase act_as ^_suggest ^_recommend ^_compose
other 3: business marketing advice email tweet letter sentence_with a_conversation write_questions storyline make_a_list
other 3: word_that synonyms antonyms rhyme definition trip travel vacation what_should should_i what_are explain_why list_of
other 3: paraphrase rewrite best_way ^_describe ^_plan ^_think the_courses movie movies game games sentence_that
other 2: ^_why ^_who ^_when ^_where ^_what ^_how ^_which ^_imagine meaning ideas describe examples creative paragraph words
other 2: essays concepts topic following_concepts dialogue you_are_an an_expert linkedin instagram youtube strategy ^_please
other 1: ^_write ^_create ^_generate ^_design ^_explain ^_make ^_provide ^_give ^_list ^_develop ^_draft ^_prepare ^_complete
other 1: ^_improve ^_choose ^_discuss what_is explain generate_a plan how_can write_a write_an given_the
translation 4: put_this_into this_into_english this_in_spanish native_speaker word_for_word
translation 3: into_ukrainian into_czech into_swedish into_greek into_hebrew in_ukrainian in_swedish in_greek in_mandarin
summarization 4: most_important important_points important_takeaways key_ideas main_ideas few_sentences main_arguments
summarization 3: long_story under_50 under_100 the_highlights highlights briefly key_findings
classification 4: answer_yes yes_no sarcastic insulting urgent_or which_type what_type_of hostile this_comment the_tone
extraction 4: who_signed in_the_email in_this_email in_this_text the_agreement in_the_article in_the_document the_invoice
extraction 3: is_mentioned are_mentioned stated in_the_contract phone_number email_address below_: from_this fill_in_json
extraction 2: below the_email due_date order_number
reasoning 3: years_old older younger double older_than split_a speed_of faster km_h kilometers meters the_rest evenly
chat 3: i_just i_got can_t_stop i_can_t my_day my_cat my_dog today tonight yesterday i_hate i_miss feeling tired so_happy
code 3: function_that linked_list go_function exit_code container containers docker_compose memory_leak
code 3: cors vue node_js div flexbox useeffect usestate left_join inner_join git_commit stack_overflow prisma redis kafka rails
translation 3: english_version french_version spanish_version version_in polite_korean translation_of native_english
translation 2: english_to from_english from_german from_spanish from_french
summarization 4: agree_on two_lines one_line few_lines is_it_about is_this_about all_about whole_thread skim tell_me_briefly
classification 4: tag_each tag_the tag_these each_message each_comment indicate_whether indicate_if say_whether say_if each_of_these
classification 2: complaint complaints headline urgent phishing scam legitimate sports politics neutral angry
extraction 3: salary closing_date deadline phone_numbers email_addresses from_the_following out_the from_the_job the_names all_dates
extraction 2: phone address names dates prices amounts cv the_location as_a_table a_json
reasoning 3: remainder divided divisible discount interest_rate square_root percent_of how_fast multiplied
chat 3: you_know_what i_finally long_time_no weekend how_was how_is_your you_up_to your_day
`
