//! A rule's text after its grammar has been read: alternatives unfolded, slots named.

/// A place in a template that stands for text unknown beforehand. All are bounded and none crosses the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Digits, with `.` `,` `:` `/` `%` between them.
    Number,
    /// One to five capitalised words.
    Name,
    /// 1 to 200 characters, to the line's end or to the next literal.
    Title,
    /// One to eight words.
    Words,
    /// A date in digits or with a month's name.
    Date,
    /// A time of day.
    Time,
    /// A web address.
    Url,
    /// An e-mail address.
    Email,
    /// `@name`.
    Handle,
}

impl Slot {
    /// Every slot, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Number,
        Self::Name,
        Self::Title,
        Self::Words,
        Self::Date,
        Self::Time,
        Self::Url,
        Self::Email,
        Self::Handle,
    ];

    /// The name between the braces of a template.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Name => "name",
            Self::Title => "title",
            Self::Words => "words",
            Self::Date => "date",
            Self::Time => "time",
            Self::Url => "url",
            Self::Email => "email",
            Self::Handle => "handle",
        }
    }

    /// The slot of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.name() == name)
    }
}

/// One link of a form: plain text or a slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Text to be met, blanks already reduced to one; not yet folded.
    Literal(String),
    /// Text to be met by its kind.
    Slot(Slot),
}

/// One way a template can be read, without alternatives: literals and slots in a row.
pub type Form = Vec<Piece>;

/// A template with all its forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// As the pack's author wrote it.
    pub source: String,
    /// What it unfolds to; never empty.
    pub forms: Vec<Form>,
}
