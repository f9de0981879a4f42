import Testing

@testable import VerdictReport

@Suite("Text for a terminal")
struct TerminalTextTests {
  @Test("every control, format, separator, private and unassigned scalar is escaped; letters and signs are not")
  func everyScalar() {
    var escaped = 0
    for value in UInt32(0)...0x10ffff {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = Terminal.escaped(String(scalar))
      if text == "\\u{\(String(value, radix: 16))}" { escaped += 1 } else { #expect(text == String(scalar)) }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
        if !text.hasPrefix("\\u{") { Issue.record("U+\(String(value, radix: 16)) is not escaped") }
      case .uppercaseLetter, .lowercaseLetter, .decimalNumber:
        if text != String(scalar) { Issue.record("U+\(String(value, radix: 16)) is escaped") }
      default: break
      }
    }
    #expect(escaped > 65 + 137_468)
  }

  @Test(
    "what could forge or hide",
    arguments: [
      ("a\nVerified OK", "a\\u{a}Verified OK"), ("\r\n", "\\u{d}\\u{a}"), ("\u{1b}[2J", "\\u{1b}[2J"),
      ("\u{7f}", "\\u{7f}"),
      ("\u{85}", "\\u{85}"), ("\u{9b}1A", "\\u{9b}1A"), ("\u{202e}x", "\\u{202e}x"), ("a\u{2800}b", "a\\u{2800}b"),
      ("\u{2066}", "\\u{2066}"),
      ("a\u{200b}b", "a\\u{200b}b"), ("\u{feff}", "\\u{feff}"), ("\u{2028}", "\\u{2028}"), ("\u{2029}", "\\u{2029}"),
      ("\0", "\\u{0}"), ("\t", "\\u{9}"), ("a\u{a0}b", "a\\u{a0}b"), ("\u{e0041}", "\\u{e0041}"),
      ("\u{3164}", "\\u{3164}"),
      ("\u{ad}", "\\u{ad}"), ("é日本", "é日本"), ("a b\\n\"'", "a b\\n\"'"), ("", ""),
    ])
  func examples(text: String, escaped: String) {
    #expect(Terminal.escaped(text) == escaped)
    #expect(Terminal.escaped(bytes: Array(text.utf8)) == escaped)
  }

  @Test("bytes that are no UTF-8 are shown as bytes")
  func bytes() {
    #expect(Terminal.escaped(bytes: [0x61, 0xff, 0x0a, 0xc3]) == "a\\x{ff}\\u{a}\\x{c3}")
    #expect(Terminal.escaped(bytes: [0xc0, 0x8a]) == "\\x{c0}\\x{8a}")
    #expect(Terminal.escaped(bytes: [0xed, 0xa0, 0x80]) == "\\x{ed}\\x{a0}\\x{80}")
  }

  @Test("long values are cut at 300 scalars, whatever they are made of")
  func cut() {
    let exact = String(repeating: "a", count: 300)
    #expect(Terminal.value(exact) == exact)
    #expect(Terminal.value(exact + "b") == exact + "…")
    // One character of a million marks.
    #expect(Terminal.value("e" + String(repeating: "\u{301}", count: 1_000_000)).unicodeScalars.count == 301)
    #expect(Terminal.value(String(repeating: "\n", count: 400)) == String(repeating: "\\u{a}", count: 300) + "…")
  }

  @Test("a quoted text cannot close its quotation marks")
  func quoted() {
    #expect(Terminal.quoted("a\", want \"b") == "\"a\\u{22}, want \\u{22}b\"")
    #expect(Terminal.quoted("\"\u{301}").dropFirst().dropLast().unicodeScalars.contains("\"") == false)
    #expect(Terminal.quoted("") == "\"\"")
    #expect(Terminal.quoted("\n") == "\"\\u{a}\"")
  }
}
