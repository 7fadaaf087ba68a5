//! Rules in any number, made of the words that markers are made of: for the curve of speed over the number of rules.

use std::collections::HashSet;

/// What pages say between paragraphs.
const WORDS: &[&str] = &[
    "story",
    "continues",
    "below",
    "advertisement",
    "sign",
    "up",
    "for",
    "our",
    "newsletter",
    "read",
    "more",
    "about",
    "this",
    "article",
    "share",
    "on",
    "follow",
    "us",
    "subscribe",
    "now",
    "to",
    "the",
    "daily",
    "briefing",
    "download",
    "app",
    "watch",
    "live",
    "video",
    "related",
    "stories",
    "from",
    "our",
    "partners",
    "sponsored",
    "content",
    "promoted",
    "links",
    "view",
    "all",
    "comments",
    "join",
    "conversation",
    "support",
    "independent",
    "journalism",
    "recommended",
    "editor",
    "picks",
    "photo",
    "gallery",
    "swipe",
    "see",
    "next",
    "latest",
    "headlines",
    "weather",
    "alerts",
    "click",
    "here",
    "full",
    "coverage",
    "exclusive",
    "offer",
    "members",
    "only",
    "unlimited",
    "access",
    "trial",
    "cancel",
    "anytime",
    "gift",
    "card",
    "podcast",
    "listen",
    "episode",
    "morning",
    "evening",
    "edition",
    "inbox",
];

/// So many different strings of four to eight words each, always the same ones.
pub(super) fn strings(count: usize) -> Vec<String> {
    let mut random = Random::new(11);
    let mut seen = HashSet::new();
    let mut strings = Vec::with_capacity(count);
    while strings.len() < count {
        let words: Vec<&str> = (0..4 + random.below(5))
            .map(|_| WORDS[random.below(WORDS.len())])
            .collect();
        let string = words.join(" ");
        if seen.insert(string.clone()) {
            strings.push(string);
        }
    }
    strings
}

/// A linear congruential generator (Knuth's MMIX), so that every run and every machine measures the same.
pub(super) struct Random(u64);

impl Random {
    /// Begins the row of numbers that belongs to `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_as_asked_for_and_all_differ() {
        let strings = strings(5_000);
        assert_eq!(strings.iter().collect::<HashSet<_>>().len(), 5_000);
        assert_eq!(strings[..10], self::strings(10));
    }
}
