//! A rule of a pack: what to look for, where, what goes, and how sure that is.

use super::template::Template;

/// Declares an enum whose variants have a fixed spelling in packs and reports.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its spelling in packs and reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value with that spelling.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

named! {
    /// What kind of text a rule finds. Users switch categories on and off as a whole.
    Category {
        /// Labels of advertisements.
        AdMarker = "ad-marker",
        /// "Continue reading the main story".
        ContinueReading = "continue-reading",
        /// Links to other articles.
        RelatedLink = "related-link",
        /// Invitations to a newsletter.
        Newsletter = "newsletter",
        /// Invitations to subscribe.
        Subscription = "subscription",
        /// Notes of a paywall.
        Paywall = "paywall",
        /// Sharing buttons and counters.
        Share = "share",
        /// Comment counters and prompts.
        Comments = "comments",
        /// Invitations to install an app.
        AppPromo = "app-promo",
        /// Labels of pictures and their sources.
        CaptionMedia = "caption-media",
        /// Labels of players.
        AudioVideo = "audio-video",
        /// Credits of agencies and authors.
        WireCredit = "wire-credit",
        /// Copyright lines.
        Copyright = "copyright",
        /// Notes on commissions.
        Affiliate = "affiliate",
        /// Consent texts.
        Cookie = "cookie",
        /// "Please enable JavaScript".
        Javascript = "javascript",
        /// Notes on the author.
        BylineBio = "byline-bio",
        /// Dates, reading times and other data of the article.
        MetadataHeader = "metadata-header",
        /// Menus and jumps.
        Navigation = "navigation",
        /// Notes of corrections and updates.
        Correction = "correction",
        /// What fits nowhere else.
        Misc = "misc",
        /// Text that a tool broke; made by detectors, not by rules of packs.
        Fragment = "fragment",
    }
}

impl Category {
    /// Why such text is taken out, as one sentence for a person who has never met the rule.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::AdMarker => "labels an advertisement that is not in the text",
            Self::ContinueReading => "tells readers of the page where the story goes on",
            Self::RelatedLink => "links to another article",
            Self::Newsletter => "invites to a newsletter",
            Self::Subscription => "invites to subscribe",
            Self::Paywall => "belongs to a paywall",
            Self::Share => "is a sharing button or its counter",
            Self::Comments => "is a prompt or counter of the comments",
            Self::AppPromo => "advertises an app",
            Self::CaptionMedia => "labels a picture that is not in the text",
            Self::AudioVideo => "is a control or label of a player",
            Self::WireCredit => "credits an agency or author",
            Self::Copyright => "is a copyright notice of the page",
            Self::Affiliate => "discloses commissions",
            Self::Cookie => "asks for consent to cookies",
            Self::Javascript => "is a browser's fallback message",
            Self::BylineBio => "presents the author",
            Self::MetadataHeader => "is data about the article, not its text",
            Self::Navigation => "belongs to the page's navigation",
            Self::Correction => "notes a correction or update",
            Self::Misc => "is furniture of the page",
            Self::Fragment => "was broken by a tool",
        }
    }
}

named! {
    /// Where in the text a rule acts.
    Place {
        /// A whole line, decoration around it ignored.
        Line = "line",
        /// The beginning of a line.
        LineStart = "line-start",
        /// The end of a line.
        LineEnd = "line-end",
        /// Anywhere, at word edges and with evidence of an insertion.
        Inline = "inline",
        /// A whole line from which on all is furniture.
        Tail = "tail",
    }
}

/// A set of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct PlaceSet(u8);

impl PlaceSet {
    /// The set with no place.
    pub const EMPTY: Self = Self(0);

    /// The same set with `place` in it.
    #[must_use]
    pub const fn with(self, place: Place) -> Self {
        Self(self.0 | 1 << place as u8)
    }

    /// The places that both sets have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `place` is in the set.
    #[must_use]
    pub fn has(self, place: Place) -> bool {
        self.0 & 1 << place as u8 != 0
    }

    /// Whether no place is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The places of the set, in the order of [`Place::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Place> {
        Place::ALL
            .iter()
            .copied()
            .filter(move |place| self.has(*place))
    }

    /// The set as a number, for the compiled file.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// The set of that number, or `None` if a bit stands for no place.
    #[must_use]
    pub fn from_bits(bits: u8) -> Option<Self> {
        (u32::from(bits) < 1 << Place::ALL.len()).then_some(Self(bits))
    }
}

named! {
    /// What goes when a rule acts.
    Take {
        /// The matched characters.
        Match = "match",
        /// The whole line the match stands in.
        Line = "line",
        /// The sentence around the match.
        Sentence = "sentence",
        /// The line, and the next one if it looks like a title.
        LineAndTitle = "line-and-title",
        /// Everything from the line's beginning on.
        ToEnd = "to-end",
        /// Everything to the end of a second template.
        Until = "until",
    }
}

named! {
    /// How letter case counts.
    Case {
        /// Not at all.
        Fold = "fold",
        /// As written in the template.
        Exact = "exact",
        /// Capitals only.
        Upper = "upper",
    }
}

named! {
    /// How sure a finding is, from least to most: `clean` applies the safe tier, `clean --review` also the review tier.
    Safety {
        /// Shown by `lint` only.
        Report = "report",
        /// Applied on request.
        Review = "review",
        /// Applied by default.
        Safe = "safe",
    }
}

/// A rule's safety at each place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafetyByPlace(pub [Safety; 5]);

impl SafetyByPlace {
    /// The same safety at every place.
    #[must_use]
    pub fn all(safety: Safety) -> Self {
        Self([safety; 5])
    }

    /// The safety at one place.
    #[must_use]
    pub fn at(self, place: Place) -> Safety {
        self.0[place as usize]
    }

    /// The highest safety among `places`.
    #[must_use]
    pub fn highest(self, places: PlaceSet) -> Safety {
        places
            .iter()
            .map(|place| self.at(place))
            .max()
            .unwrap_or(Safety::Report)
    }
}

/// The most a single finding may take; over it the finding is reported and kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// In characters.
    pub chars: u32,
    /// As a share of the document's bytes, between 0 and 1.
    pub share: f32,
}

/// A rule as the scanner's compiler takes it: checked, templates unfolded, examples left behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Full name, `language/pack/rule`.
    pub name: String,
    /// Version of its pack.
    pub version: String,
    /// Language of its pack (BCP 47), empty when unknown.
    pub lang: String,
    /// What kind of text it finds.
    pub category: Category,
    /// What it looks for.
    pub text: Vec<Template>,
    /// Where.
    pub places: PlaceSet,
    /// What goes; `None` is the default of the place.
    pub take: Option<Take>,
    /// The template that closes a pair (with [`Take::Until`]).
    pub until: Option<Template>,
    /// The most bytes between the two halves of a pair.
    pub within: u32,
    /// How letter case counts.
    pub case: Case,
    /// Hosts it is limited to; empty for all. Suffix match on host labels.
    pub sites: Vec<String>,
    /// It does not act on a line that holds one of these.
    pub unless: Vec<Template>,
    /// How sure it is, by place.
    pub safety: SafetyByPlace,
    /// The most one finding may take.
    pub limit: Limit,
}

impl Rule {
    /// The most bytes between the halves of a pair when a rule does not say.
    pub const DEFAULT_WITHIN: u32 = 600;

    /// The limit of a rule that does not say. What cuts the rest of a text is also held to 0.4 of it by the scanner.
    pub const DEFAULT_LIMIT: Limit = Limit {
        chars: 600,
        share: 1.0,
    };
}

/// What identifies a pack in ledgers and compiled files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackInfo {
    /// `language/topic`.
    pub id: String,
    /// Semantic version.
    pub version: String,
    /// XXH3 (64 bits, hexadecimal) of the pack's source text.
    pub hash: String,
}
