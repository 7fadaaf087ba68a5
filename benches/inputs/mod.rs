//! Texts that are the same on every machine and for ever, made by a small generator: nothing is read, nothing is random.

use std::fmt::Write as _;

/// A text and what cleaning it must do.
#[derive(Clone, Debug)]
pub struct Input {
    /// What it is, for the row's name.
    pub name: &'static str,
    /// The text.
    pub text: String,
    /// How many findings `clean` acts on.
    pub removed: usize,
}

/// About a megabyte of each kind.
pub fn all() -> Vec<Input> {
    const BYTES: usize = 1_000_000;
    vec![
        clean_article(BYTES),
        many_insertions(BYTES),
        near_misses(BYTES),
        one_huge_line(BYTES),
        non_latin(BYTES),
    ]
}

/// English prose in which nothing is to be found.
pub fn clean_article(bytes: usize) -> Input {
    let mut prose = Prose::new(ENGLISH);
    let mut text = String::with_capacity(bytes + 2000);
    while text.len() < bytes {
        prose.paragraph(&mut text);
        text.push_str("\n\n");
    }
    Input {
        name: "clean article",
        text,
        removed: 0,
    }
}

/// A marker behind every second paragraph.
pub fn many_insertions(bytes: usize) -> Input {
    const MARKERS: &[&str] = &[
        "Story continues below advertisement",
        "ADVERTISEMENT",
        "– Advertisement –",
        "Continue reading the main story",
        "Share this article",
        "Sign up for our newsletter",
        "Article continues below this ad",
    ];
    let mut prose = Prose::new(ENGLISH);
    let mut text = String::with_capacity(bytes + 2000);
    let mut removed = 0;
    while text.len() < bytes {
        prose.paragraph(&mut text);
        text.push_str("\n\n");
        prose.paragraph(&mut text);
        let _ = write!(text, "\n\n{}\n\n", MARKERS[removed % MARKERS.len()]);
        removed += 1;
    }
    prose.paragraph(&mut text);
    Input {
        name: "many insertions",
        text,
        removed,
    }
}

/// Prose that uses the words of markers, or speaks of them.
pub fn near_misses(bytes: usize) -> Input {
    const MISSES: &[&str] = &[
        "The story continues below the surface of the lake, where no pilot has been. ",
        "The words “story continues below advertisement” are banned in this harbour. ",
        "He placed an advertisement in the Gazette and waited for a reply. ",
        "Read more books, the minister told the pupils of the town. ",
        "The label must read 'Advertisement', the court held on the same day. ",
        "I share this article with the whole crew, she said to the council. ",
    ];
    let mut prose = Prose::new(ENGLISH);
    let mut text = String::with_capacity(bytes + 2000);
    let mut count = 0;
    while text.len() < bytes {
        text.push_str(MISSES[count % MISSES.len()]);
        prose.paragraph(&mut text);
        text.push_str("\n\n");
        count += 1;
    }
    Input {
        name: "near misses",
        text,
        removed: 0,
    }
}

/// A text without a line break, with markers between its sentences.
pub fn one_huge_line(bytes: usize) -> Input {
    let mut prose = Prose::new(ENGLISH);
    let mut text = String::with_capacity(bytes + 2000);
    let mut removed = 0;
    while text.len() < bytes {
        for _ in 0..20 {
            prose.paragraph(&mut text);
            text.push(' ');
        }
        text.push_str("Story continues below advertisement ");
        removed += 1;
    }
    prose.paragraph(&mut text);
    Input {
        name: "one huge line",
        text,
        removed,
    }
}

/// Greek, Russian, Arabic and Japanese paragraphs in turn, with a marker of each language now and then.
pub fn non_latin(bytes: usize) -> Input {
    const MARKERS: &[&str] = &["Διαφήμιση", "Реклама", "إعلان", "広告"];
    let mut languages = [GREEK, RUSSIAN, ARABIC, JAPANESE].map(Prose::new);
    let mut text = String::with_capacity(bytes + 4000);
    let (mut round, mut removed) = (0, 0);
    while text.len() < bytes {
        for (prose, marker) in languages.iter_mut().zip(MARKERS) {
            prose.paragraph(&mut text);
            text.push_str("\n\n");
            if round % 4 == 0 {
                let _ = write!(text, "{marker}\n\n");
                removed += 1;
            }
        }
        round += 1;
    }
    Input {
        name: "non-Latin",
        text,
        removed,
    }
}

/// The words and marks that sentences are made of.
#[derive(Clone, Copy)]
struct Language {
    words: &'static str,
    comma: &'static str,
    stop: &'static str,
    blank: &'static str,
}

const ENGLISH: Language = Language {
    words: "the of and to in that harbour he was with for it pilot said by on not as is from they had been which one were their her an would all when there \
            its people city council vote will has company government week ferry two after over before captain workers could town bridge nobody winter \
            agreement night watch lamp third spring boats waiting grain carrier baker open quay tide flour carts strike weather colder",
    comma: ", ",
    stop: ". ",
    blank: " ",
};

const GREEK: Language = Language {
    words: "το λιμάνι και οι πιλότοι της πόλης που ήταν χθες στην θάλασσα με πλοίο δεν από για μια νύχτα συμφωνία δήμος γέφυρα χειμώνας γράμμα φως",
    comma: ", ",
    stop: ". ",
    blank: " ",
};

const RUSSIAN: Language = Language {
    words: "порт и лоцманы города которые были вчера на море с кораблем не от для одна ночь соглашение совет мост зима письмо свет лодки хлеб",
    comma: ", ",
    stop: ". ",
    blank: " ",
};

const ARABIC: Language = Language {
    words: "الميناء والمرشدون في المدينة الذين كانوا أمس على البحر مع السفينة لم من أجل ليلة اتفاق المجلس الجسر الشتاء رسالة ضوء القوارب الخبز",
    comma: "، ",
    stop: ". ",
    blank: " ",
};

const JAPANESE: Language = Language {
    words: "港の 水先人は 昨日 海で 船と 町の 評議会が 橋を 冬に 手紙を 灯りの 夜の 合意を 待っていた パンを 春まで 話し合い 二つの 船乗り 静かに",
    comma: "、",
    stop: "。",
    blank: "",
};

/// Makes prose of a language's words.
struct Prose {
    language: Language,
    words: Vec<&'static str>,
    seed: u32,
}

impl Prose {
    fn new(language: Language) -> Self {
        Self {
            language,
            words: language.words.split_whitespace().collect(),
            seed: 7,
        }
    }

    /// The next number below `below`, from a linear congruential generator (Numerical Recipes, 3rd edition, 7.1).
    fn next(&mut self, below: usize) -> usize {
        self.seed = self
            .seed
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        (self.seed >> 8) as usize % below
    }

    /// Adds two to four sentences, without a blank behind the last.
    fn paragraph(&mut self, text: &mut String) {
        let Language {
            comma, stop, blank, ..
        } = self.language;
        for _ in 0..2 + self.next(3) {
            let words = 6 + self.next(18);
            for index in 0..words {
                let chosen = self.next(self.words.len());
                let word = self.words[chosen];
                if index == 0 {
                    let mut chars = word.chars();
                    text.extend(chars.next().into_iter().flat_map(char::to_uppercase));
                    text.push_str(chars.as_str());
                } else {
                    text.push_str(if self.next(9) == 0 { comma } else { blank });
                    text.push_str(word);
                }
            }
            text.push_str(stop);
        }
        text.truncate(text.trim_end().len());
    }
}
