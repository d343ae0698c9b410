//! A plot as a picture that can be read alone, on light and on dark ground.

use std::fmt::Write as _;

use super::axis::{Axis, label};
use super::{Line, Plot};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
/// The area of the lines; names stand to the right of it.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 72.0;
const BOTTOM: f64 = 364.0;
/// Names of lines are not closer to each other.
const NAME_HEIGHT: f64 = 17.0;
/// Letters of a title in one row.
const TITLE: usize = 96;
/// An axis is logarithmic if its largest value is this many times its smallest.
const LOG_ACROSS: f64 = 10.0;
const LOG_UP: f64 = 30.0;
/// The colours of lines, on light and on dark ground; told apart with any kind of sight, and each line has its name.
const COLOURS: [(&str, &str); 8] = [
    ("#1f6fc9", "#6aa9f4"),
    ("#c8501a", "#f29163"),
    ("#12805f", "#4fc7a1"),
    ("#7d4fc4", "#b699f2"),
    ("#946b00", "#dfb347"),
    ("#bf3676", "#f186b4"),
    ("#23788f", "#72c5da"),
    ("#5f5e5a", "#b0afa9"),
];

impl Plot {
    /// The file's content.
    pub(crate) fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(Line::finite);
        let across = Axis::fit(points().map(|(x, _)| x), LOG_ACROSS);
        let up = Axis::fit(points().map(|(_, y)| y), LOG_UP);
        let title = escape(&self.title);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             aria-label=\"{title}\">\n<title>{title}</title>\n{}<rect class=\"ground\" width=\"{WIDTH}\" \
             height=\"{HEIGHT}\"/>\n",
            style()
        );
        let text = |class: &str, x: f64, y: f64, words: &str| {
            format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>\n", escape(words))
        };
        for (row, words) in (0..).zip(rows(&self.title)) {
            svg += &text("title", 16.0, 24.0 + 18.0 * f64::from(row), &words);
        }
        svg += &text("muted", 16.0, TOP - 12.0, self.up);
        svg += &text("muted middle", f64::midpoint(LEFT, RIGHT), HEIGHT - 14.0, self.across);
        for tick in up.ticks() {
            let y = height_of(up, tick);
            let _ = writeln!(svg, "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>");
            svg += &text("muted end", LEFT - 8.0, y + 4.0, &label(tick));
        }
        let _ = writeln!(svg, "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{BOTTOM}\" y2=\"{BOTTOM}\"/>");
        for tick in across.ticks() {
            let (x, end) = (LEFT + across.place(tick) * (RIGHT - LEFT), BOTTOM + 5.0);
            let _ = writeln!(svg, "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{BOTTOM}\" y2=\"{end}\"/>");
            svg += &text("muted middle", x, BOTTOM + 20.0, &label(tick));
        }
        let ends = self.lines.iter().map(|line| line.finite().last().map_or(BOTTOM, |(_, y)| height_of(up, y)));
        let names = apart(&ends.collect::<Vec<f64>>());
        for ((index, line), name) in self.lines.iter().enumerate().zip(names) {
            svg += &drawn(index % COLOURS.len(), line, across, up);
            svg += &text(&format!("name c{}", index % COLOURS.len()), RIGHT + 14.0, name + 4.0, &line.plain_name());
        }
        svg + "</svg>\n"
    }
}

impl Line {
    /// Its name as it is read, not as Markdown writes it.
    fn plain_name(&self) -> String {
        self.name.replace('`', "")
    }

    /// What was measured: a value that is missing is no point.
    fn finite(&self) -> impl Iterator<Item = (f64, f64)> + Clone {
        self.points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite())
    }
}

fn drawn(colour: usize, line: &Line, across: Axis, up: Axis) -> String {
    let place = |(x, y): (f64, f64)| (LEFT + across.place(x) * (RIGHT - LEFT), height_of(up, y));
    let path: Vec<String> = line.finite().map(place).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let mut svg = format!("<polyline class=\"line c{colour}\" points=\"{}\"/>\n", path.join(" "));
    for point in line.finite() {
        let (x, y) = place(point);
        // Browsers show the title where the pointer is.
        let values = escape(&format!("{}: {} at {}", line.plain_name(), label_of(point.1), label(point.0)));
        let _ = writeln!(
            svg,
            "<circle class=\"point c{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{values}</title></circle>"
        );
    }
    svg
}

fn label_of(value: f64) -> String {
    if value < 1000.0 { format!("{value:.2}") } else { label(value) }
}

fn height_of(up: Axis, value: f64) -> f64 {
    BOTTOM - up.place(value) * (BOTTOM - TOP)
}

/// The heights of the names of lines that end at these heights: as near as it goes, and none over another.
fn apart(ends: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by(|one, other| ends[*one].total_cmp(&ends[*other]));
    let mut heights = ends.to_vec();
    let mut lowest = f64::NEG_INFINITY;
    for index in &order {
        heights[*index] = heights[*index].max(lowest + NAME_HEIGHT);
        lowest = heights[*index];
    }
    // What was pushed out at the bottom pushes back.
    let mut highest = BOTTOM + NAME_HEIGHT;
    for index in order.iter().rev() {
        heights[*index] = heights[*index].min(highest - NAME_HEIGHT);
        highest = heights[*index];
    }
    heights
}

/// A title in rows.
fn rows(title: &str) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in title.split(' ') {
        let row = rows.last_mut().expect("invariant: there is always one");
        match row.len() {
            0 => row.push_str(word),
            length if length + word.len() < TITLE => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}

fn style() -> String {
    let colours = |pick: fn(&(&'static str, &'static str)) -> &'static str| {
        COLOURS.iter().enumerate().fold(String::new(), |mut text, (index, pair)| {
            let colour = pick(pair);
            let _ = write!(text, ".line.c{index}{{stroke:{colour}}}.point.c{index},.name.c{index}{{fill:{colour}}}");
            text
        })
    };
    format!(
        "<style>\ntext{{font:12px system-ui,sans-serif;fill:#1b1b1a}}.title{{font-size:14px;font-weight:600}}\
         .muted{{fill:#62615d}}.middle{{text-anchor:middle}}.end{{text-anchor:end}}.name{{font-weight:600}}\
         .ground{{fill:#fdfdfc}}.grid{{stroke:#e6e5e1}}.axis{{stroke:#a3a29d}}.line{{fill:none;stroke-width:2}}\n{}\n\
         @media (prefers-color-scheme:dark){{text{{fill:#ecebe7}}.muted{{fill:#a5a49e}}.ground{{fill:#1a1a19}}\
         .grid{{stroke:#33332f}}.axis{{stroke:#6c6b66}}\n{}}}\n</style>\n",
        colours(|pair| pair.0),
        colours(|pair| pair.1)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(lines: &[(&str, &[(f64, f64)])]) -> Plot {
        let lines = lines.iter().map(|(name, points)| Line { name: (*name).to_owned(), points: points.to_vec() });
        Plot { name: "x", title: "Cost & size".into(), across: "subscribers", up: "us", lines: lines.collect() }
    }

    #[test]
    fn each_line_is_drawn_with_its_name_and_points() {
        let svg = plot(&[("`a` < b", &[(1.0, 2.0), (2.0, 4.0)]), ("two", &[(1.0, 1.0), (2.0, f64::NAN)])]).svg();
        assert_eq!((svg.matches("<polyline").count(), svg.matches("<circle").count()), (2, 3));
        assert!(svg.contains(">a &lt; b</text>") && svg.contains("Cost &amp; size"), "{svg}");
        // The highest tick is 4 and the lowest point 1: a quarter of the way up.
        assert!(svg.contains("points=\"312.0,218.0 560.0,72.0\""), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn names_are_never_over_one_another() {
        let heights = apart(&[200.0, 200.0, 364.0, 363.0, 50.0]);
        let mut sorted = heights.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= NAME_HEIGHT - 1e-9), "{heights:?}");
        assert!(sorted[4] <= BOTTOM && heights[4] == 50.0, "{heights:?}");
    }

    #[test]
    fn a_plot_of_nothing_is_a_picture_too() {
        let svg = plot(&[("none", &[])]).svg();
        assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{svg}");
    }

    #[test]
    fn a_long_title_has_rows() {
        assert_eq!(rows(&"word ".repeat(30)).len(), 2);
        assert_eq!(rows("short"), ["short"]);
    }
}
