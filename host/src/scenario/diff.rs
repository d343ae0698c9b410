//! What differs between what was expected and what came: member by member, line by line.

use super::pattern::{Pattern, Rest, TextPattern, Variables};
use super::value::{Value, quoted};

/// Lists that are longer are compared place by place.
const ALIGNED: usize = 500;
/// The longest line, in characters. What is the same is cut to it.
const WIDTH: usize = 160;

/// One line that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) mark: Mark,
    pub(super) text: String,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Same,
    Expected,
    Received,
}

/// A place in the tree that is shown: its depth, and what stands around it.
#[derive(Clone)]
struct Place {
    depth: usize,
    before: String,
    after: &'static str,
}

/// Compare JSON.
pub(super) fn json(expected: &Pattern, received: &Value, variables: &Variables) -> Vec<Line> {
    let mut diff = Diff { variables, lines: Vec::new() };
    diff.compare(expected, received, &Place { depth: 0, before: String::new(), after: "" });
    diff.lines
}

/// Compare texts.
pub(super) fn text(expected: &TextPattern, received: &str, variables: &Variables) -> Vec<Line> {
    let line = |mark, text: String| Line { mark, text };
    let TextPattern::Exactly(template) = expected else {
        return vec![line(Mark::Expected, expected.show(variables)), line(Mark::Received, quoted(received))];
    };
    let expected = template.fill(variables);
    if !expected.contains('\n') || !received.contains('\n') {
        return vec![line(Mark::Expected, quoted(&expected)), line(Mark::Received, quoted(received))];
    }
    let (expected, received): (Vec<_>, Vec<_>) = (expected.split('\n').collect(), received.split('\n').collect());
    let mut lines = Vec::new();
    for step in align(expected.len(), received.len(), |one, other| expected[one] == received[other]) {
        match step {
            Aligned::Both(_, other) => lines.push(line(Mark::Same, quoted(received[other]))),
            Aligned::Expected(one) => lines.push(line(Mark::Expected, quoted(expected[one]))),
            Aligned::Received(other) => lines.push(line(Mark::Received, quoted(received[other]))),
        }
    }
    lines
}

struct Diff<'a> {
    variables: &'a Variables,
    lines: Vec<Line>,
}

impl Diff<'_> {
    fn push(&mut self, mark: Mark, place: &Place, text: &str) {
        let mut text = format!("{}{}{text}{}", "  ".repeat(place.depth), place.before, place.after);
        if mark == Mark::Same && text.chars().count() > WIDTH {
            text = text.chars().take(WIDTH).chain([' ', '…']).collect();
        }
        self.lines.push(Line { mark, text });
    }

    fn compare(&mut self, expected: &Pattern, received: &Value, place: &Place) {
        if expected.matches(received, self.variables) {
            return self.push(Mark::Same, place, &received.to_string());
        }
        match (expected, received) {
            (Pattern::Named(pattern, _), received) => self.compare(pattern, received, place),
            (Pattern::Object(members, rest), Value::Object(found)) => {
                self.brackets(place, ["{", "}"], |diff| diff.members(members, *rest, found, place.depth + 1));
            }
            (Pattern::List(items, rest), Value::List(found)) if items.len().max(found.len()) <= ALIGNED => {
                self.brackets(place, ["[", "]"], |diff| diff.items(items, *rest, found, place.depth + 1));
            }
            (expected, received) => {
                self.push(Mark::Expected, place, &expected.show(self.variables));
                self.push(Mark::Received, place, &received.to_string());
            }
        }
    }

    fn brackets(&mut self, place: &Place, brackets: [&str; 2], inside: impl FnOnce(&mut Self)) {
        self.push(Mark::Same, &Place { after: "", ..place.clone() }, brackets[0]);
        inside(self);
        self.push(Mark::Same, &Place { before: String::new(), ..place.clone() }, brackets[1]);
    }

    fn members(&mut self, expected: &[(String, Pattern)], rest: Rest, found: &[(String, Value)], depth: usize) {
        let place = |key: &str| Place { depth, before: format!("{}: ", quoted(key)), after: "," };
        for (key, pattern) in expected {
            match Value::member(found, key) {
                Some(value) => self.compare(pattern, value, &place(key)),
                None => self.push(Mark::Expected, &place(key), &pattern.show(self.variables)),
            }
        }
        for (key, value) in found.iter().filter(|(key, _)| !expected.iter().any(|(known, _)| known == key)) {
            let mark = if rest == Rest::Anything { Mark::Same } else { Mark::Received };
            self.push(mark, &place(key), &value.to_string());
        }
    }

    fn items(&mut self, expected: &[Pattern], rest: Rest, found: &[Value], depth: usize) {
        let place = Place { depth, before: String::new(), after: "," };
        let variables = self.variables;
        let steps = align(expected.len(), found.len(), |one, other| expected[one].matches(&found[other], variables));
        let mut steps = steps.into_iter().peekable();
        while let Some(step) = steps.next() {
            match step {
                Aligned::Both(one, other) => self.compare(&expected[one], &found[other], &place),
                // One stands where the other should: what they have in common is worth seeing.
                Aligned::Expected(one) => match steps.next_if(|next| matches!(next, Aligned::Received(_))) {
                    Some(Aligned::Received(other)) => self.compare(&expected[one], &found[other], &place),
                    _ => self.push(Mark::Expected, &place, &expected[one].show(variables)),
                },
                Aligned::Received(other) => {
                    let is_rest = rest == Rest::Anything && other >= expected.len();
                    let mark = if is_rest { Mark::Same } else { Mark::Received };
                    self.push(mark, &place, &found[other].to_string());
                }
            }
        }
    }
}

/// One step through two lists.
enum Aligned {
    Both(usize, usize),
    Expected(usize),
    Received(usize),
}

/// Walk through two lists so that as many entries as possible are the same (longest common subsequence).
fn align(one: usize, other: usize, same: impl Fn(usize, usize) -> bool) -> Vec<Aligned> {
    // How many are the same from there on.
    let mut common = vec![vec![0_u32; other + 1]; one + 1];
    for row in (0..one).rev() {
        for column in (0..other).rev() {
            common[row][column] = if same(row, column) {
                common[row + 1][column + 1] + 1
            } else {
                common[row + 1][column].max(common[row][column + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut steps = Vec::new();
    while row < one || column < other {
        if row < one && column < other && same(row, column) {
            steps.push(Aligned::Both(row, column));
            (row, column) = (row + 1, column + 1);
        } else if column == other || (row < one && common[row + 1][column] >= common[row][column + 1]) {
            steps.push(Aligned::Expected(row));
            row += 1;
        } else {
            steps.push(Aligned::Received(column));
            column += 1;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::script::{Data, What};

    /// The diff with marks in front, as it is shown.
    fn diff(expected: &str, received: &str) -> String {
        let script = format!("ada connects\nada gets {expected}");
        let scenarios = crate::scenario::parse::parse(&script, "x").expect("understood");
        let What::Gets { event, .. } = &scenarios[0].steps[1].what else { panic!("not an event") };
        let lines = match event.data.as_ref().expect("data") {
            Data::Json(pattern) => json(pattern, &Value::parse(received).expect("JSON"), &Variables::new()),
            Data::Text(pattern) => text(pattern, received, &Variables::new()),
        };
        let mark = |mark| match mark {
            Mark::Same => ' ',
            Mark::Expected => '-',
            Mark::Received => '+',
        };
        lines.iter().map(|line| format!("{}{}\n", mark(line.mark), line.text)).collect()
    }

    #[test]
    fn members_are_compared_one_by_one() {
        let shown =
            diff(r#"{"a":1,"b":[1,2],"c":{"d":"x"},"gone":_}"#, r#"{"c":{"d":"y"},"a":1,"b":[1,2],"new":null}"#);
        let expected = " {\n   \"a\": 1,\n   \"b\": [1,2],\n   \"c\": {\n-    \"d\": \"x\",\n+    \"d\": \"y\",\n   },\n\
                        -  \"gone\": _,\n+  \"new\": null,\n }\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn lists_are_aligned() {
        assert_eq!(
            diff(r#"["a","b","c"]"#, r#"["b","c","d"]"#),
            " [\n-  \"a\",\n   \"b\",\n   \"c\",\n+  \"d\",\n ]\n"
        );
        assert_eq!(
            diff(r#"[{"a":1,"b":2}]"#, r#"[{"a":1,"b":3}]"#),
            " [\n   {\n     \"a\": 1,\n-    \"b\": 2,\n+    \"b\": 3,\n   },\n ]\n"
        );
    }

    #[test]
    fn what_is_left_open_is_no_difference() {
        assert_eq!(diff(r#"{"a":2,...}"#, r#"{"a":1,"b":2}"#), " {\n-  \"a\": 2,\n+  \"a\": 1,\n   \"b\": 2,\n }\n");
        assert_eq!(diff(r#"[2, ...]"#, "[1,5]"), " [\n-  2,\n+  1,\n   5,\n ]\n");
    }

    #[test]
    fn texts_are_compared_by_lines() {
        assert_eq!(diff(r#""a\nb""#, "a\nc"), " \"a\"\n-\"b\"\n+\"c\"\n");
        assert_eq!(diff(r#"like "a*""#, "b"), "-like \"a*\"\n+\"b\"\n");
    }

    #[test]
    fn kinds_of_values_differ() {
        assert_eq!(diff("1", "\"1\""), "-1\n+\"1\"\n");
        assert_eq!(diff("{}", "[]"), "-{}\n+[]\n");
    }
}
