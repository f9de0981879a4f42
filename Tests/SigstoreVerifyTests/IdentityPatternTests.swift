import SigstoreVerify
import Testing
import WireCoding

/// The patterns' meaning is Go's: what cosign accepts and refuses with a pattern, we do.
struct IdentityPatternTests {
  static let workflow = "https://github.com/owner/repo/.github/workflows/release.yml@refs/tags/v1.0.0"

  static func code(_ text: String) -> PatternCode? {
    do throws(PatternFailure) {
      _ = try IdentityPattern(text)
      return nil
    } catch {
      return error.code
    }
  }

  // MARK: Searching

  @Test(arguments: [
    // A search is unanchored.
    ("github.com/owner", workflow, true),
    ("owner", "https://github.com/owner-evil/x", true),
    ("^https://github\\.com/owner/", "https://github.com/owner-evil/x", false),
    ("^https://github\\.com/owner/", workflow, true),
    ("^owner", workflow, false),
    ("v1\\.0\\.0$", workflow, true),
    ("", "x", nil),
    // Case.
    ("OWNER", workflow, false),
    ("(?i)OWNER", workflow, true),
    // A dot is any character but a newline.
    ("^a.c$", "abc", true),
    ("^a.c$", "a\nc", false),
    ("(?s)^a.c$", "a\nc", true),
    ("^a.c$", "a\u{00E9}c", true),
    // The ends of the text are the ends, not those of a line.
    ("a$", "a", true),
    ("a$", "a\n", false),
    ("^b", "a\nb", false),
    ("a\\z", "a\n", false),
    ("\\Ab", "a\nb", false),
    ("(?m)a$", "a\nb", true),
    ("(?m)^b", "a\nb", true),
    // A code point is a character; nothing is normalised, and the classes are those of ASCII.
    ("^e$", "e\u{0301}", false),
    ("\u{00E9}", "e\u{0301}", false),
    ("^\\r$", "\r\n", false),
    ("^\\r\\n$", "\r\n", true),
    ("^\\d$", "\u{0663}", false),
    ("^\\w$", "\u{00E9}", false),
    ("^\\pL$", "\u{00E9}", true),
    ("^\\x{e9}$", "\u{00E9}", true),
    ("^[[:alpha:]]+$", "abc", true),
    // Quoting.
    ("^\\Qa.b$\\E$", "a.b$", true),
    ("^\\Qa.b$\\E$", "axb$", false),
    ("\\\\C", "a\\C", true),
    ("\\\\C", "C", false),
    ("\\QC\\C\\E", "C\\C", true),
    ("\\pC", "\u{0001}", true),
    // Groups, alternation, repeats.
    ("^(?:a|b){2,3}$", "aba", true),
    ("^(?:a|b){2,3}$", "abab", false),
    ("^(?P<who>a)$", "a", true),
    ("^a*?$", "aaa", true),
    ("^a{1000}$", String(repeating: "a", count: 1000), true),
    ("^a|b$", "xb", true),
    ("^*b", "ab", true),
    // NUL is a character of the text.
    ("^a$", "a\0", false),
    ("^a$", "a\0b", false),
    ("b$", "a\0b", true),
    ("^a\\x00b$", "a\0b", true),
    // The empty text.
    ("^$", "", true),
    ("a*", "", true),
    ("a", "", false),
  ])
  func meansWhatItMeansToGo(pattern: String, text: String, expected: Bool?) throws {
    guard let expected else {
      #expect(Self.code(pattern) == .empty)
      return
    }
    #expect(try IdentityPattern(pattern).matches(text) == expected)
  }

  // MARK: Refused

  @Test(arguments: [
    // Refused by RE2 as by Go.
    "(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(a)\\1", "(?P<n>a)(?P=n)", "a\\Z", "a*+", "a++", "a?+", "(?>a)", "a{1001}",
    "(a{100}){100}", "(", ")", "[", "[a", "*", "a**", "\\", "[b-a]", "(?P<a b>a)", "\\Q\\E*", "\\pX", "[[:nobody:]]",
    "(?x)a", "\\E", "[\\Qa]", "a(?z)",
    // Refused by us: half a character, in every place where it has that meaning.
    "\\C", "a\\C", "\\\\\\C", "(\\C)", "\\Qa\\E\\C", "\\C*", "^\\C+$", "[a]\\C", "[]\\]]\\C", "[[:alpha:]]\\C",
    // In a class RE2 refuses it by itself.
    "[\\C]",
    // NUL bytes.
    "a\0", "\0", "a\0b", "\\Q\0\\E",
  ])
  func refusesWhatGoRefuses(pattern: String) {
    #expect(Self.code(pattern) == .invalid)
  }

  @Test(arguments: ["\\\\C", "\\Q\\C\\E", "\\Q\\C", "\\pC", "\\PC", "\\p{C}", "\\QC\\\\EC", "[\\\\C]", "C", "\\x4C"])
  func acceptsTheLetterC(pattern: String) {
    #expect(Self.code(pattern) == nil)
  }

  @Test func refusesTheEmptyPattern() {
    #expect(Self.code("") == .empty)
  }

  @Test func refusesLongPatterns() throws {
    let longest = String(repeating: "a", count: IdentityPattern.maxLength)
    #expect(try IdentityPattern(longest).matches(longest))
    #expect(Self.code(longest + "a") == .tooLong)
    // The limit counts bytes.
    #expect(Self.code(String(repeating: "\u{00E9}", count: 501)) == .tooLong)
    #expect(Self.code(String(repeating: "a", count: 1 << 20)) == .tooLong)
  }

  @Test func tellsThePatternAndTheReason() {
    let failure = #expect(throws: PatternFailure.self) { try IdentityPattern("a(?!b)") }
    #expect(failure?.got == "a(?!b)")
    #expect(failure?.detail?.contains("(?!") == true)
  }

  @Test(arguments: PatternCode.allCases)
  func everyCodeBlamesTheCaller(code: PatternCode) {
    #expect(code.blame == .misused)
    #expect(code.rawValue.hasPrefix("policy.pattern"))
  }

  // MARK: Time and memory

  @Test(.timeLimit(.minutes(1)), arguments: ["(a+)+$", "(a|a)*$", "(a*)*$", "(.*)(.*)(.*)(.*)$", "(a|aa)+$"])
  func evilPatternsEnd(pattern: String) throws {
    let evil = String(repeating: "a", count: 100_000) + "!"
    #expect(try IdentityPattern("^" + pattern).matches(evil) == pattern.hasPrefix("(.*)"))
  }

  @Test func refusesPatternsThatNeedTooMuchMemory() {
    // 1000 copies of the whole table of letters.
    #expect(Self.code("\\pL{1000}") == .invalid)
    #expect(Self.code(String(repeating: "[\\pL\\pN]{900}", count: 60)) == .invalid)
  }

  @Test(.timeLimit(.minutes(1)))
  func searchesWhereTheAutomatonDoesNotFitIntoMemory() throws {
    // Any automaton for this needs 2^400 states.
    let pattern = try IdentityPattern("^[ab]*a[ab]{400}$")
    var bits = SeededBits(seed: 7)
    var text = (0..<20_000).map { _ in bits.next() ? "a" : "b" }
    text[text.count - 401] = "a"
    #expect(pattern.matches(text.joined()))
    text[text.count - 401] = "b"
    #expect(!pattern.matches(text.joined()))
  }

  @Test func searchesFromManyTasksAtOnce() async throws {
    let pattern = try IdentityPattern("^(?:[a-z]+/)+[0-9]+$")
    let right = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<64 {
        group.addTask { pattern.matches("ab/cd/\(number)") && !pattern.matches("ab/cd/\(number)x") }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(right == 64)
  }

  // MARK: Shape

  @Test(arguments: [
    ("^a$", true), ("\\Aa\\z", true), ("^a\\z", true), ("\\Aa$", true), ("^$", true), ("^(a|b)$", true),
    ("^(?:a|b)$", true),
    ("^a\\\\$", true), ("^[|]$", true), ("^a\\|b$", true), ("^\\Q|\\E$", true), ("(?i)^a$", true), ("^[$]$", true),
    ("^[]|]$", true), ("^[^]|]$", true), ("^[[:alpha:]|]$", true), ("^(?P<m>a)$", true), ("^(a|(b|c))$", true),
    ("a", false), ("^a", false), ("a$", false), ("^a|b$", false), ("^a$|^b$", false), ("^a\\$", false),
    ("^a\\\\\\$", false),
    ("\\^a$", false), ("^a\\\\z", false), ("\\\\Aa$", false), ("^\\Qa$", false), ("^\\Qa\\z", false),
    ("(?m)^a$", false),
    ("^a(?m)$", false), ("(?im)^a$", false), ("^(?m:a)$", false), ("(?-m)^a$", false), ("^*a$", false), ("^?a$", false),
    ("^{0}a$", false), ("^+a$", false), ("\\A*a$", false), ("^a$*", false), ("^a$?", false), ("^a\\z{0,1}", false),
    ("^a[$]", false), ("^(a)|(b)$", false), ("(^a$)", false), ("|^a$", false), ("^a$|", false), ("^a[]]|b$", false),
    ("^[[:alpha:]]|b$", false), ("^\\Qa\\E|b$", false), ("^[a\\]]|b$", false), ("\\Q^\\Ea$", false),
    ("^\\Q\\E*a$", false), ("^(?i)*a$", false),
  ])
  func tellsAnchored(pattern: String, anchored: Bool) throws {
    #expect(try IdentityPattern(pattern).isAnchored == anchored)
  }

  @Test(arguments: [
    ("github.com", true), ("^https://github.com/a$", true), ("a.", true), (".", true), ("(.)", true), ("\\\\.", true),
    (".|a", true), ("a.b.*", true), ("\\Qa\\E.b", true), ("[.].", true), (".*?.", true), ("[[:alpha:].].", true),
    ("github\\.com", false), ("a.*", false), ("a.+", false), ("a.?", false), ("a.{2}", false), ("[.]", false),
    ("[^.]", false),
    ("[].]", false), ("\\Qgithub.com\\E", false), ("\\Qgithub.com", false), ("a", false), ("\\.", false),
    ("[\\].]", false),
    ("[[:alpha:].]", false), (".*?", false),
  ])
  func tellsBareDots(pattern: String, bare: Bool) throws {
    #expect(try IdentityPattern(pattern).hasBareDot == bare)
  }

  /// What `isAnchored` promises, judged by RE2 itself over random patterns and every short text.
  @Test func anchoredPatternsMatchWholeTextsOnly() throws {
    let parts = [
      "a", "b", "^", "$", "\\A", "\\z", "|", "(", ")", "(?:", "*", "?", "\\\\", "\\$", "[ab]", "[$|]", "\\Qa", "\\Q",
      "\\E", ".", "(?i)", "{0}",
    ]
    var texts = [""]
    for length in 1...3 {
      texts += texts.filter { $0.unicodeScalars.count == length - 1 }.flatMap { text in
        ["a", "b", "\n", "$"].map { text + $0 }
      }
    }
    var bits = SeededBits(seed: 1)
    var anchored = 0
    for _ in 0..<20_000 {
      var spelling = (0..<bits.below(7)).map { _ in parts[bits.below(parts.count)] }.joined()
      if bits.next() { spelling = "^" + spelling + "$" }
      guard let pattern = try? IdentityPattern(spelling), pattern.isAnchored else { continue }
      anchored += 1
      let whole = try IdentityPattern("\\A(?:\(spelling))\\z")
      for text in texts {
        try #require(pattern.matches(text) == whole.matches(text), "\(spelling) on \(text.debugDescription)")
      }
    }
    #expect(anchored > 1000)
  }

  // MARK: Values

  @Test func areEqualByTheirBytes() throws {
    let composed = try IdentityPattern("\u{00E9}")
    let decomposed = try IdentityPattern("e\u{0301}")
    #expect(composed != decomposed)
    #expect(try composed == IdentityPattern("\u{00E9}"))
    #expect(try Set([composed, decomposed, IdentityPattern("\u{00E9}")]).count == 2)
    #expect(composed.description == "\u{00E9}")
  }
}

/// A small generator (SplitMix64): the same numbers in every run.
private struct SeededBits {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func word() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func next() -> Bool { word() & 1 == 1 }

  mutating func below(_ limit: Int) -> Int { Int(word() % UInt64(limit)) }
}
