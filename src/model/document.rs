//! A text and what is known about it.

/// A text to look at, with what is known about it. Rules limited to hosts act only when the site is known.
///
/// ```
/// let document = descale::Document { site: Some("example.com"), ..descale::Document::new("Text.") };
/// assert_eq!(document.text, "Text.");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Document<'t> {
    /// The text, as it came.
    pub text: &'t str,
    /// The host it came from, without `www.`, in small letters.
    pub site: Option<&'t str>,
    /// The article's title.
    pub title: Option<&'t str>,
    /// Its language (BCP 47).
    pub lang: Option<&'t str>,
}

impl<'t> Document<'t> {
    /// A text of which nothing else is known.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}
