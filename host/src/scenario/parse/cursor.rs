//! A place in a text, and what can be read from there.

use std::fmt;

/// Something that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scenario) struct Mistake {
    /// Counted from 1.
    pub(in crate::scenario) line: usize,
    /// In characters, counted from 1.
    pub(in crate::scenario) column: usize,
    /// What is wrong, and what would be right.
    pub(in crate::scenario) why: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.why)
    }
}

pub(super) type Parsed<T> = Result<T, Mistake>;

/// Reads a text from its beginning to its end.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The place, in bytes.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// What lies between a place and this one.
    pub(super) fn since(&self, place: usize) -> &'a str {
        &self.text[place..self.at]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Take a text, if it stands here.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let stands = self.rest().starts_with(text);
        if stands {
            self.at += text.len();
        }
        stands
    }

    /// Take characters as long as they are of a kind.
    pub(super) fn take_while(&mut self, mut kind: impl FnMut(char) -> bool) -> &'a str {
        let start = self.at;
        while self.peek().is_some_and(&mut kind) {
            self.next();
        }
        self.since(start)
    }

    /// Go on to what stands on this line.
    pub(super) fn skip_blanks(&mut self) {
        self.take_while(|character| character == ' ' || character == '\t' || character == '\r');
    }

    /// Go on over line ends, too.
    pub(super) fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Go on to the next line that says something: not an empty one, and not one that begins with `#`.
    pub(super) fn skip_comments(&mut self) {
        loop {
            self.skip_space();
            if self.peek() != Some('#') {
                return;
            }
            self.take_while(|character| character != '\n');
        }
    }

    /// The next word on this line: up to a blank. None at the line's end.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let word = self.take_while(|character| !character.is_whitespace());
        (!word.is_empty()).then_some(word)
    }

    /// The next word, which stays where it is.
    pub(super) fn peek_word(&self) -> Option<&'a str> {
        self.clone().word()
    }

    /// Take a word, if it is the next one on this line.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let mut ahead = self.clone();
        let is_next = ahead.word() == Some(word);
        if is_next {
            *self = ahead;
        }
        is_next
    }

    /// What is left of this line, without blanks around it.
    pub(super) fn rest_of_line(&mut self) -> &'a str {
        self.take_while(|character| character != '\n').trim()
    }

    pub(super) fn is_at_line_end(&self) -> bool {
        self.peek_word().is_none()
    }

    /// A mistake at this place.
    pub(super) fn mistake<T>(&self, why: impl Into<String>) -> Parsed<T> {
        self.mistake_at(self.at, why)
    }

    /// A mistake at another place.
    pub(super) fn mistake_at<T>(&self, place: usize, why: impl Into<String>) -> Parsed<T> {
        let before = &self.text[..place];
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Err(Mistake { line: self.line_of(place), column, why: why.into() })
    }

    /// How far a place is from the beginning of its line, in bytes.
    pub(super) fn indent_of(&self, place: usize) -> usize {
        place - self.text[..place].rfind('\n').map_or(0, |end| end + 1)
    }

    /// The line of a place, counted from 1.
    pub(super) fn line_of(&self, place: usize) -> usize {
        self.text[..place].matches('\n').count() + 1
    }
}
