//! Clipped names that must be mended, and whole words that must not. The longer cases are data: `tests/cases/fragment.toml`.

use super::*;

/// Around every case, so that the text reads as English and not as a list.
const FRAME: &str =
    "It was the end of the day, and the people of the town were glad that it was over.";

fn found(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    ClippedName.detect(
        Input {
            text,
            removed: &[],
            found: &[],
            title: None,
            lang: None,
            labels: None,
            facts: &Default::default(),
        },
        &mut findings,
    );
    findings
}

/// What is mended in `body`, as pairs of word and completion, after checking that mending ends there.
fn mended(body: &str) -> Vec<(String, String)> {
    let text = format!("{body}\n\n{FRAME}\n");
    let findings: Vec<Finding> = found(&text).into_iter().filter(Finding::applies).collect();
    let mut mended = text.clone();
    let mut pairs = Vec::new();
    for finding in findings.iter().rev() {
        let Action::Replace(completion) = &finding.action else {
            panic!("{finding:?}")
        };
        mended.replace_range(finding.cut.range(), completion);
        pairs.insert(
            0,
            (text[finding.cut.range()].to_owned(), completion.clone()),
        );
        assert!(!finding.evidence.is_empty());
        assert!(
            finding
                .evidence
                .iter()
                .all(|span| text[span.range()] == *completion)
        );
    }
    assert!(
        !found(&mended).iter().any(Finding::applies),
        "not settled: {mended}"
    );
    pairs
}

fn assert_mended(body: &str, word: &str, completion: &str) {
    assert_eq!(
        mended(body),
        [(word.to_owned(), completion.to_owned())],
        "{body}"
    );
}

#[cfg(feature = "lexicon")]
const HARBOUR: &str = "The harbour master, Jean-Luc Moreauville, spoke first.";

#[test]
fn a_title_and_a_name_are_proof_without_any_lexicon() {
    let body = "Mr. Moreauville spoke first. The crowd heard Mr. Moreauville out.\n\nThen the office of Mr. Moreauvi closed.";
    assert_mended(body, "Moreauvi", "Moreauville");
}

#[cfg(feature = "lexicon")]
#[test]
fn possessives_stay_as_written() {
    for mark in ["'s", "\u{2019}s"] {
        let text = format!("{HARBOUR} The letter came from Mr. Moreauvi{mark} office.\n\n{FRAME}");
        let findings = found(&text);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(&text[findings[0].cut.range()], "Moreauvi");
        assert_eq!(
            findings[0].action,
            Action::Replace("Moreauville".to_owned())
        );
        assert_eq!(
            &text[ClippedName.removal(&text, &findings[0]).unwrap().range()],
            format!("Mr. Moreauvi{mark}")
        );
    }
}

#[cfg(feature = "lexicon")]
#[test]
fn mends_names_cut_in_many_places() {
    assert_mended(
        "Senator Anna Kowalczyk left early. On Monday Kowalczy said no more.",
        "Kowalczy",
        "Kowalczyk",
    );
    assert_mended(
        "The firm of Carla Vandersteen grew. Vanderstee’s plan was simple.",
        "Vanderstee",
        "Vandersteen",
    );
    assert_mended(
        "He read The Wall Street Journal, and she read The Wall Stre.",
        "Stre",
        "Street",
    );
    assert_mended(
        "Ruth Fedders wrote it. John Fedders kept it, and Fedder says he never sold it.",
        "Fedder",
        "Fedders",
    );
    // A known word that stands where only a name can.
    assert_mended(
        "General Joan Biden spoke. The aides of General Bide, a friend, agreed.",
        "Bide",
        "Biden",
    );
    // Met once and by itself, where a person stands who was introduced.
    for (body, word, completion) in [
        (
            "Peter A. Brown of the poll spoke. Brown left. “It has many advantages,” Mr. Brow said.",
            "Brow",
            "Brown",
        ),
        (
            "Senator Joe Bidener spoke. The crowd heard Bidener out. In the end Bid, who was tired, left.",
            "Bid",
            "Bidener",
        ),
        (
            "Carla Vandermeer came. Vandermeerism is a word of the town, and Vandermeer knows it; Vandermee said so.",
            "Vandermee",
            "Vandermeer",
        ),
    ] {
        assert_mended(body, word, completion);
    }
    // Bitten off twice, once deeper: the first repair proves the second.
    let twice = "Senator Anna Kowalczyk left. Senator Kowalczy agreed. Then Kowalcz said no.";
    assert_eq!(mended(twice).len(), 2);
}

#[cfg(feature = "lexicon")]
#[test]
fn whole_words_stay() {
    for body in [
        // Two names it could be.
        "Anna Kowalczyk met Peter Kowalczewski. Then Kowalcz left.",
        // Nicknames, given names, and what friends say.
        "Robert Hale came in. Rob Hale sat down, and Rob laughed.",
        "Shepard Dunn reads the news, and Shep Dunn is proud of it. Shepard Dunn is old.",
        "Stephane Charbonnet, known as Charbon, drew it. Charbon was fond of the dog.",
        "Stephane Charbonnet (\"Charbon\") drew it.",
        // Peoples, plurals, creeds.
        "Swaziland is small. The Swazi people like it, and Swaziland likes them.",
        "The Houthis left. A Houthi leader stayed, and the Houthis came back.",
        "President Obama spoke of Obamacare. The Obamas left. Obamaism was over.",
        "Mr. Trump left. The Trumpian style stayed with the Trumps.",
        "The Iraqis spoke to the Iraqi in Iraq, and it was an Iraqi town.",
        // Abbreviations and journals.
        "Sen. Smith met the Senator. Calif. voters in California saw Gov. Hale, the Governor.",
        "N. Engl. J. Med. is read in England, and Am. J. Physiol in Physiology.",
        // On purpose.
        "Jerome Powell spoke. Who is our enemy, Jay Powel (sic) or the other one?",
        "President George Ukrainer left, Ukrain [sic] said no.",
        "A day of Publick Thanksgivin was Thanksgiving.",
        // Parts of other words.
        "MarketWatch fell with the Market. SubscribeStar asked readers to Subscribe.",
        "The tag #MeTooMove led the MeTooMovement. Anna Kowalczyk is @Kowalcz here.",
        // Any word begins a sentence, and firms own things.
        "Senator Ralph Northam led. Northam and Northam agreed. Nor can it lead in a world like this.",
        "Anna Mathis taught. Mathis, said Mathis, is right. Math dropped to a third.",
        "Helen Finley lives there. Finley knows it. He works at Fin’s Eatery and Spirits.",
        "Helen Bigger spoke. Bigger is right, said Bigger. Big is difficult.",
        "Joan Jackson led the way. Jackson went. The boy’s name was Jack, and he was nine.",
        "Benjamin Bennett came. Bennett sang. Bennett left. Bennett bowed. His son Ben said he was proud.",
        // Other people.
        "Jonathan Turley wrote it. Katy Tur read it.",
        "Demitri Hoth was there, and so was Demi Lovato.",
        "Hamza al-Tunisi came from Tunisia.",
    ] {
        assert_eq!(mended(body), [], "{body}");
    }
}

#[cfg(feature = "lexicon")]
#[test]
fn two_candidates_are_reported() {
    let text = format!("Anna Kowalczyk met Peter Kowalczewa. Then Kowalcz left.\n\n{FRAME}");
    let findings = found(&text);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].kept, Some(Kept::Ambiguous));
    assert_eq!(findings[0].evidence.len(), 2);
}

#[test]
fn other_languages_are_left_alone() {
    let text = "Der Minister Franz Moreauville sprach zuerst. Dann schwieg Minister Moreauvi, und Minister Moreauville ging. Minister \
        Moreauville kam wieder, als alle anderen schon gegangen waren, und setzte sich an den Tisch am Fenster, wo sonst niemand sitzen \
        wollte, weil es dort im Winter so kalt war.";
    assert!(found(text).is_empty());
    let input = Input {
        text: FRAME,
        removed: &[],
        found: &[],
        title: None,
        lang: Some("de-AT"),
        labels: None,
        facts: &Default::default(),
    };
    assert!(!input.may_be_english());
    assert!(
        Input {
            lang: Some("en-GB"),
            ..input
        }
        .may_be_english()
    );
}

#[test]
fn removed_text_proves_nothing() {
    let text = format!(
        "Mr. Moreauville and Mr. Moreauville.\n\nThe aide of Mr. Moreauvi came.\n\n{FRAME}"
    );
    let removed = [Span::new(0, 36)];
    let mut findings = Vec::new();
    ClippedName.detect(
        Input {
            text: &text,
            removed: &removed,
            found: &[],
            title: None,
            lang: None,
            labels: None,
            facts: &Default::default(),
        },
        &mut findings,
    );
    assert!(findings.is_empty());
    assert_eq!(found(&text).len(), 1);
}

#[test]
#[cfg(feature = "lexicon")]
fn two_letters_are_completed_where_nothing_else_can_be_meant() {
    let body = "Senator Carl Trask spoke on Monday. Trask was early. Later Trask went home.";
    assert_mended(&format!("{body} Mr. Tr was tired."), "Tr", "Trask");
    assert_mended(
        &format!("{body} They had asked Tr’s brother."),
        "Tr",
        "Trask",
    );
    assert_mended(&format!("{body} Then Carl Tr left."), "Tr", "Trask");
    for whole in [
        "In the end it rained.",
        "It was Tr. 4 of the book.",
        "The Tr-7 was fast.",
        "They called it “Tr” then.",
        "Judge Ann Travers said no. They had asked Tr’s brother.",
        "Tr was here, and Tr went.",
    ] {
        assert_eq!(mended(&format!("{body} {whole}")), [], "{whole}");
    }
}

#[test]
#[cfg(feature = "lexicon")]
fn a_given_name_by_itself_is_no_cut_family_name() {
    let body = "Governor Ann Jackson spoke. Jackson was early. Jackson sat down. Jackson left.";
    for name in [
        "Jack said no.",
        "They had asked Jack’s brother.",
        "Jack has left.",
    ] {
        assert_eq!(mended(&format!("{body} {name}")), [], "{name}");
    }
}

/// Whom the cases below speak of: introduced, met again, and the only one whose name begins so.
#[cfg(feature = "lexicon")]
const TRASKINS: &str =
    "Senator Carl Kinnerys spoke on Monday. Kinnerys was early. Later Kinnerys went home.";

#[test]
#[cfg(feature = "lexicon")]
fn who_was_introduced_is_meant_where_a_name_stands_by_itself() {
    for (body, word, completion) in [
        // "Kin" is a word and "Collin" a given name, but nobody else is called so.
        (
            &*format!("{TRASKINS} They sided with Kinn and left."),
            "Kinn",
            "Kinnerys",
        ),
        (
            "Senator Susan Collinse spoke. Collinse was early. Collinse left. They asked Collin about it.",
            "Collin",
            "Collinse",
        ),
        (
            "Judge Ann Stevens spoke. “It is late,” Stevens said. Stevens left. But Steven said no.",
            "Steven",
            "Stevens",
        ),
        (
            "Senator Bernie Sanders spoke. Sanders was early. Sanders left. The crowd heard what Sand said.",
            "Sand",
            "Sanders",
        ),
        // The word before begins the sentence; it is no given name.
        (
            "Senator Mitt Romney spoke. Romney was early. Romney left. While Rom waited, it rained.",
            "Rom",
            "Romney",
        ),
        (
            "Senator Tim Kaine spoke. Kaine was early. “It is late,” Kai told them.",
            "Kai",
            "Kaine",
        ),
        // Another word of the text begins so, but only one of them is a man with that title.
        (
            "Mr. Trask spoke. Mr. Trask was early. True words. Then Mr. Tras left.",
            "Tras",
            "Trask",
        ),
        (
            "The host is Kyle Olsonby. The night ended with the Kyle Olso Show.",
            "Olso",
            "Olsonby",
        ),
        (
            "Mr. Meadows spoke. Mr. Meadows said no. In the end Mr. Meadow left.",
            "Meadow",
            "Meadows",
        ),
    ] {
        assert_mended(body, word, completion);
    }
}

#[test]
#[cfg(feature = "lexicon")]
fn what_else_stands_by_itself_stays() {
    for body in [
        // Friends, relatives and what they are called.
        "Judge Ellen Peterson spoke. Peterson left. Peterson sat. “Come here,” Peter said.",
        "Judge Ann Stevens spoke. Stevens left. Stevens sat. Steven, her husband, drove.",
        "Judge Ann Stevens spoke. Stevens left. Stevens sat. Her husband Steven said no.",
        "Judge Ann Williams spoke. Williams left. Williams sat. They met William “Bill” Hale.",
        "Juan Martinez spoke. Martinez left. Martinez sat. He and his wife, Martine, had gone.",
        // Dates, pronouns and things.
        "Senator Tim Mayfield spoke. Mayfield left. Mayfield sat. In May the vote came.",
        "Senator Ann Sherman spoke. Sherman left. Sherman sat. “It is late,” She said.",
        "Fiona Apple sang. Apple left. Apple sat. You find the plan on my App and read it.",
        "Lee Americans, a singer, came. The Americans left. They think of America and its youth.",
        "Michelle Hale won the Golden Globes. The Golden Globes were early. She won the second Golden Globe of her life.",
        // Other families.
        "The Governor, John McConnelly, spoke. “It is late,” said McConnell.",
    ] {
        assert_eq!(mended(body), [], "{body}");
    }
}
