//! Rust source as the rules want to see it: without comments, without the words in literals, without tests.

/// The text with comments blanked and the inside of literals replaced by `_`; lines stay where they were.
pub(crate) fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, inside) = span(rest, out.chars().next_back());
        match inside {
            Inside::Code => out.push(first),
            Inside::Comment => out.extend(masked(&rest[..length], ' ')),
            Inside::Literal => out.extend(masked(&rest[..length], '_')),
        }
        rest = &rest[length..];
    }
    out
}

/// As [`code`], and without the items marked `#[cfg(test)]`.
pub(crate) fn code_without_tests(text: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let code = code(text);
    let mut out = String::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find(MARK) {
        out.push_str(&rest[..at]);
        rest = &rest[at + MARK.len()..];
        rest = &rest[item_length(rest)..];
    }
    out + rest
}

enum Inside {
    Code,
    Comment,
    Literal,
}

/// What begins here, and how many octets belong to it.
fn span(rest: &str, before: Option<char>) -> (usize, Inside) {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Inside::Comment);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), Inside::Comment);
    }
    let in_a_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if !in_a_word && let Some(length) = raw_string(rest) {
        return (length, Inside::Literal);
    }
    if rest.starts_with('"') {
        return (quoted(rest, '"'), Inside::Literal);
    }
    if rest.starts_with('\'') && is_character(rest) {
        return (quoted(rest, '\''), Inside::Literal);
    }
    (first, Inside::Code)
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let opened =
        rest.strip_prefix("br").or_else(|| rest.strip_prefix("cr")).or_else(|| rest.strip_prefix('r'))?;
    let hashes = opened.len() - opened.trim_start_matches('#').len();
    let body = opened[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(rest.len() - body.len() + length)
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Tells `'a'` from the lifetime `'a`.
fn is_character(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}

fn masked(text: &str, mask: char) -> impl Iterator<Item = char> {
    text.chars().map(move |c| if c.is_whitespace() { c } else { mask })
}

/// How long the item is that begins here: to its `;`, or to the brace that closes its first one.
fn item_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    rest.len()
}

#[test]
fn comments_go_and_literals_lose_their_words() {
    for (text, expected) in [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ \n d */ e", "a              \n      e"),
        ("f(\"// { \\\" x\") ", "f(___ _ __ __) "),
        ("r#\"a \" b\"# + r\"c\"", "____ _ ___ + ____"),
        ("'{' 'a '\\'' ", "___ 'a ____ "),
        ("for_r\"x\"", "for_r___"),
    ] {
        assert_eq!(code(text), expected, "{text}");
    }
}

#[test]
fn tests_go() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { \"}\"; } }\nfn c() {}\n#[cfg(test)]\nuse x::y;\nfn d() {}";
    assert_eq!(code_without_tests(text), "fn a() {}\n\nfn c() {}\n\nfn d() {}");
}
