import Testing
import WireCoding

struct JSONParseTests {
  static func refusal(of text: some Sequence<UInt8>, limits: JSONLimits = .bundle) -> CodingFailure? {
    do throws(CodingFailure) {
      _ = try JSONNode.parse(Array(text), limits: limits)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    "{}", "[]", "\"\"", "0", "-0", "1", "-1", "10", "1.5", "-0.0", "1e5", "1E+5", "1e-5", "0e0", "123.456e789", "true",
    "false", "null", " \t\r\n{ \n} \t", "[ ]", "[1,2]", "[ 1 , 2 ]", "{\"a\":1}", "{ \"a\" : 1 , \"b\" : [ ] }",
    "{\"\":0}", "[[[]]]", "\"\u{7f}\"", "\"\u{e9}\u{1f600}\u{ffff}\"", "1e999999", "[-1e-999999]",
    String(repeating: "9", count: 400), "0." + String(repeating: "9", count: 400),
  ])
  func whatTheGrammarAllowsIsRead(text: String) {
    #expect(Self.refusal(of: text.utf8) == nil)
  }

  @Test(
    arguments: [
      // Nothing, or not all.
      ("", nil), (" ", 1), ("\n\n", 2), ("{", 1), ("[", 1), ("[1", 2), ("[1,", 3), ("{\"a\"", 4), ("{\"a\":", 5),
      ("{\"a\":1", 6),
      ("{\"a\":1,", 7), ("\"", 1), ("\"a", 2), ("-", 1), ("1.", 2), ("1e", 2), ("1e+", 3), ("tru", 0), ("nul", 0),
      ("\"\\", 2),
      ("\"\\u", 3), ("\"\\u00", 5),
      // Commas and colons.
      ("[1,]", 3), ("[,1]", 1), ("[1,,2]", 3), ("[1 2]", 3), ("[,]", 1), ("{\"a\":1,}", 7), ("{,}", 1),
      ("{\"a\" 1}", 5),
      ("{\"a\"}", 4), ("{\"a\":}", 5), ("{\"a\":1 \"b\":2}", 7), ("{\"a\"::1}", 5), ("[1:2]", 2), ("{\"a\",1}", 4),
      // Brackets.
      ("]", 0), ("}", 0), ("[}", 1), ("{]", 1), ("[1}", 2), ("{\"a\":1]", 6),
      // Names.
      ("{a:1}", 1), ("{'a':1}", 1), ("{1:1}", 1), ("{null:1}", 1), ("{\"a\":1,b:2}", 7), ("{[]:1}", 1),
      // After the value.
      ("{}{}", 2), ("1 2", 2), ("null,", 4), ("[]]", 2), ("{} x", 3), ("\"a\"b", 3), ("1\0", 1), ("truex", 4),
      ("{}\u{feff}", 2),
      // Words that are none.
      ("True", 0), ("NULL", 0), ("nan", 0), ("NaN", 0), ("Infinity", 0), ("-Infinity", 1), ("undefined", 0), ("'a'", 0),
      ("nulL", 0),
      // Numbers.
      ("01", 2), ("00", 2), ("-01", 3), ("+1", 0), (".5", 0), ("-.5", 1), ("1.e5", 2), ("0x10", 1), ("1_000", 1),
      ("--1", 1),
      ("1.5.5", 3), ("1e5e5", 3), ("1e5.5", 3), ("- 1", 1), ("1,5", 1), ("\u{ff11}", 0), ("1f", 1), ("[01]", 3),
      // White space and comments of other languages.
      ("\u{b}1", 0), ("\u{c}1", 0), ("\u{a0}1", 0), ("\u{feff}1", 0), ("\u{2028}1", 0), ("//\n1", 0), ("/**/1", 0),
      ("#\n1", 0),
      // Control characters in strings.
      ("\"\n\"", 1), ("\"a\tb\"", 2), ("\"\0\"", 1), ("\"\u{1f}\"", 1), ("\"\\n\n\"", 3), ("{\"\n\":1}", 2),
      // Escapes.
      ("\"\\x41\"", 2), ("\"\\'\"", 2), ("\"\\0\"", 2), ("\"\\U0041\"", 2), ("\"\\u004\"", 6), ("\"\\u00g0\"", 5),
      ("\"\\u+041\"", 3),
      ("\"\\u 041\"", 3), ("\"\\u{41}\"", 3), ("\"\\u\u{ff11}041\"", 3), ("\"\\\n\"", 2),
      // Surrogates that are no pair.
      ("\"\\ud800\"", 7), ("\"\\udc00\"", 7), ("\"\\ud800x\"", 7), ("\"\\ud800\\n\"", 8), ("\"\\ud800\\ud800\"", 13),
      ("\"\\ud800\\u0041\"", 13), ("\"\\udc00\\ud800\"", 7), ("\"\\uDBFF\\uE000\"", 13), ("\"\\uD800\\", 8),
      ("\"\\uD800\\u", 9),
    ] as [(String, Int?)])
  func whatTheGrammarDoesNotAllowIsRefused(text: String, index: Int?) {
    let failure = Self.refusal(of: text.utf8)
    #expect(failure?.kind == .json)
    #expect(failure?.place == index.map { "byte \($0)" })
  }

  @Test func anEmptyTextIsCalledEmpty() {
    #expect(Self.refusal(of: [])?.detail == "the text is empty")
  }

  @Test(arguments: InvalidText.utf8)
  func invalidUTF8IsRefused(bytes: [UInt8]) {
    let quoted = [0x22] + bytes + [0x22]
    #expect(Self.refusal(of: quoted)?.kind == .text)
    // As a name, and behind an escape.
    #expect(Self.refusal(of: [0x7b] + quoted + Array(":1}".utf8))?.kind == .text)
    #expect(Self.refusal(of: Array("\"\\n".utf8) + bytes + [0x22])?.kind == .text)
    // Outside of a string.
    #expect(Self.refusal(of: bytes)?.kind == .json)
  }

  @Test(arguments: [[0xff, 0xfe, 0x31, 0x00], [0xfe, 0xff, 0x00, 0x31], [0x31, 0x00], [0x00, 0x31]] as [[UInt8]])
  func otherEncodingsAreRefused(bytes: [UInt8]) {
    #expect(Self.refusal(of: bytes)?.kind == .json)
  }

  // MARK: Duplicate names

  @Test(arguments: [
    "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":1,\"\\u0061\":2}", "{\"\\u0061\":1,\"a\":2}",
    "{\"\":1,\"\":2}", "{\"a\":null,\"a\":1}", "{\"\u{1f600}\":1,\"\\ud83d\\ude00\":2}", "{\"/\":1,\"\\/\":2}",
    "[{\"x\":{\"a\":1,\"a\":2}}]", "{\"\u{e9}\":1,\"\\u00E9\":2}",
  ])
  func duplicateNamesAreRefused(text: String) {
    let failure = Self.refusal(of: text.utf8)
    #expect(failure?.kind == .duplicateKey)
    #expect(failure?.place?.hasPrefix("byte ") == true)
  }

  /// U+212A is canonically the letter K, U+00E9 is e with U+0301: not the same code units, so not the same name.
  @Test(arguments: [
    "{\"a\":1,\"A\":2}", "{\"a\":{\"a\":1}}", "{\"K\":1,\"\u{212a}\":2}", "{\"\u{e9}\":1,\"e\u{301}\":2}",
  ])
  func namesThatDifferInAnyByteAreNoDuplicates(text: String) {
    #expect(Self.refusal(of: text.utf8) == nil)
  }

  @Test(arguments: [2, 15, 16, 17, 18, 1000])
  func theLastNameMayNotRepeatAnyOther(count: Int) {
    func object(_ names: [Int]) -> String { "{" + names.map { "\"k\($0)\":0" }.joined(separator: ",") + "}" }
    let names = Array(1..<count)
    #expect(Self.refusal(of: object(names + [count]).utf8) == nil)
    for repeated in [1, count / 2 + 1, count - 1] where repeated < count {
      #expect(Self.refusal(of: object(names + [repeated]).utf8)?.kind == .duplicateKey, "\(repeated)")
    }
  }

  /// In a few tenths of a second; comparing each with each would take five thousand million comparisons.
  @Test func aHundredThousandNamesAreCompared() {
    let names = (0..<99_998).map { "\"name\($0)\":0" }.joined(separator: ",")
    #expect(Self.refusal(of: "{\(names)}".utf8) == nil)
    #expect(Self.refusal(of: "{\(names),\"name99997\":0}".utf8)?.kind == .duplicateKey)
  }

  @Test func aHostileNameIsCutInTheMessage() {
    let name = "\u{1b}[31m\\\"" + String(repeating: "e\u{301}", count: 100_000)
    let quoted = "\"\\u001b[31m\\\\\\\"" + name.dropFirst(7) + "\""
    let failure = Self.refusal(of: "{\(quoted):1,\(quoted):2}".utf8)
    #expect(failure?.kind == .duplicateKey)
    #expect((failure?.detail.utf8.count ?? .max) < 1000)
    #expect(failure?.detail.utf8.allSatisfy { (0x20..<0x7f).contains($0) } == true)
  }

  // MARK: Limits

  static func nested(_ depth: Int, _ open: String, _ close: String) -> String {
    String(repeating: open, count: depth) + "0" + String(repeating: close, count: depth)
  }

  @Test(arguments: [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")])
  func depthIsLimited(open: String, close: String) {
    let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 9, maximumValues: 1000)
    let levels = open.hasPrefix("[{") ? 4 : 8
    #expect(Self.refusal(of: Self.nested(levels, open, close).utf8, limits: limits) == nil)
    #expect(Self.refusal(of: Self.nested(levels + 1, open, close).utf8, limits: limits)?.kind == .tooDeep)
    #expect(Self.refusal(of: Self.nested(100_000, open, close).utf8)?.kind == .tooDeep)
    // Without its end.
    #expect(Self.refusal(of: String(repeating: open, count: 100_000).utf8)?.kind == .tooDeep)
  }

  @Test func noCallerCanAskForMoreDepthThanTheStackHolds() {
    let limits = JSONLimits(maximumBytes: 1 << 24, maximumDepth: .max, maximumValues: .max)
    #expect(Self.refusal(of: Self.nested(127, "[", "]").utf8, limits: limits) == nil)
    #expect(Self.refusal(of: Self.nested(128, "[", "]").utf8, limits: limits)?.kind == .tooDeep)
    #expect(Self.refusal(of: Self.nested(1_000_000, "[", "]").utf8, limits: limits)?.kind == .tooDeep)
  }

  @Test func sizeIsLimited() {
    let limits = JSONLimits(maximumBytes: 10, maximumDepth: 64, maximumValues: 1000)
    #expect(Self.refusal(of: "\"12345678\"".utf8, limits: limits) == nil)
    #expect(Self.refusal(of: "\"123456789\"".utf8, limits: limits)?.kind == .tooLarge)
    #expect(Self.refusal(of: "1          ".utf8, limits: limits)?.kind == .tooLarge)
    #expect(Self.refusal(of: [UInt8](repeating: 0x20, count: 16 << 20 + 1))?.kind == .tooLarge)
  }

  @Test func countIsLimited() {
    let limits = JSONLimits(maximumBytes: 1000, maximumDepth: 64, maximumValues: 4)
    #expect(Self.refusal(of: "[1,2,3]".utf8, limits: limits) == nil)
    #expect(Self.refusal(of: "[1,2,3,4]".utf8, limits: limits)?.kind == .tooMany)
    #expect(Self.refusal(of: "[[],[[]]]".utf8, limits: limits) == nil)
    #expect(Self.refusal(of: "[[],[[[]]]]".utf8, limits: limits)?.kind == .tooMany)
    #expect(Self.refusal(of: "{\"a\":1,\"b\":2,\"c\":3}".utf8, limits: limits) == nil)
    #expect(Self.refusal(of: "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}".utf8, limits: limits)?.kind == .tooMany)
    let zeros = "[" + String(repeating: "0,", count: 100_000) + "0]"
    #expect(Self.refusal(of: zeros.utf8)?.kind == .tooMany)
  }
}
