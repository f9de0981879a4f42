import Foundation
import SigstoreVerify
import Testing

@testable import NexoInstall

@Suite("trusted_keys.toml, as files come about and as they break")
struct SettingsPolicyTests {
  private static let author = "[[authors]]\nowner = 'o'\nidentity_regexp = 'x'\n"

  private func keys(_ text: String) throws -> TrustedKeys { try TrustedKeys(parsing: Array(text.utf8), path: "P") }

  private func message(_ text: String) -> String? {
    let failure = #expect(throws: InstallFailure.self) { try keys(text) }
    #expect(failure?.kind == .trustedKeysParse)
    return failure?.message
  }

  @Test(
    "places are right with either kind of line end, behind a byte order mark, and with blanks in a header",
    arguments: [
      (author + "trust = 1\n", "unknown key `trust` at line 4, column 1"),
      (
        author.replacingOccurrences(of: "\n", with: "\r\n") + "trust = 1\r\n", "unknown key `trust` at line 4, column 1"
      ),
      ("\r\n\tstrict = 1\r\n", "unknown key `strict` at line 2, column 2"),
      ("\u{feff}strict = 1", "unknown key `strict` at line 1, column 1"),
      (author + "[[ authors ]]\nowner = 'p'\ntrust = 1\n", "unknown key `trust` at line 6, column 1"),
      ("default = 'warn'\r\nx = [\r\n", "Error while parsing array: encountered end-of-file at line 2, column 8"),
    ])
  func places(text: String, expected: String) {
    #expect(message(text) == "trusted_keys.toml at `P` invalid: \(expected)")
  }

  @Test("a byte order mark and line ends of Windows change nothing of a policy")
  func windows() throws {
    let keys = try keys("\u{feff}default = 'require'\r\n" + Self.author.replacingOccurrences(of: "\n", with: "\r\n"))
    #expect(keys.defaultMode == .require)
    #expect(keys.authors.map(\.owner) == ["o"])
  }

  @Test(
    "case 77: a NUL cannot cut a value short, whatever stands behind it",
    arguments: ["\\u0000", "\\u0000\u{301}", "\\U00000000", "\\U00000000\u{301}", "\u{0}", "\u{0}\u{301}"])
  func nul(escape: String) throws {
    let text = { (escape: String) in "[[authors]]\nowner = \"o\(escape)p\"\nidentity_regexp = 'x'\n" }
    #expect(message(text(escape)) == "trusted_keys.toml at `P` invalid: it holds a NUL character")
    #expect(try keys(text("")).authors.map(\.owner) == ["op"])
  }

  @Test("a mebibyte of quotes, of keys, of tables is refused in bounded time")
  func large() {
    let room = TrustedKeys.limit - 16
    var names = ""
    var number = 0
    while names.utf8.count < room - 16 {
      names += "k\(number)=1\n"
      number += 1
    }
    for text in [
      String(repeating: "\"", count: room), String(repeating: "'", count: room), names,
      String(repeating: "[[a]]\n", count: room / 6), "x = [" + String(repeating: "1,", count: room / 2 - 8) + "]",
    ] {
      #expect(message(text) != nil)
    }
  }

  @Test("ten thousand authors are read, one more is refused")
  func many() throws {
    let author = { (number: Int) in "[[authors]]\nowner='o\(number)'\nidentity_regexp='x\(number)'\n" }
    let most = (0..<10_000).map(author).joined()
    #expect(try keys(most).authors.last?.owner == "o9999")
    #expect(message(most + author(10_000)) == "trusted_keys.toml at `P` invalid: more than 10000 authors")
  }

  @Test("case 61: an owner with a Kelvin sign is nobody's second entry, and never matches")
  func kelvin() throws {
    let keys = try keys(
      Self.author.replacingOccurrences(of: "'o'", with: "'k'")
        + Self.author.replacingOccurrences(of: "'o'", with: "'\u{212a}'"))
    #expect(
      keys.warnings == ["owner `\u{212a}` in P is no name that GitHub has, so the entry never matches"])
    #expect(keys.author(owner: "K")?.owner == "k")
    #expect(keys.author(owner: "\u{212a}")?.owner == "\u{212a}")
  }

  @Test("case 77: a policy does not vanish behind a folder that is a link to nowhere")
  func danglingFolder() throws {
    let folder = NSTemporaryDirectory() + "/nexo-policy-" + UUID().uuidString
    let files = FileManager.default
    defer { try? files.removeItem(atPath: folder) }
    try files.createDirectory(atPath: folder + "/real/extensions", withIntermediateDirectories: true)
    try Data("default = 'require'".utf8).write(to: URL(fileURLWithPath: folder + "/real/extensions/trusted_keys.toml"))
    try files.createSymbolicLink(atPath: folder + "/good", withDestinationPath: "real")
    #expect(try TrustedKeys.load(configFolder: folder + "/good").defaultMode == .require)
    #expect(try TrustedKeys.load(configFolder: folder + "/good/").defaultMode == .require)
    #expect(try TrustedKeys.load(configFolder: folder + "/none").defaultMode == .warn)
    try files.createSymbolicLink(atPath: folder + "/broken", withDestinationPath: "nowhere")
    try files.createDirectory(atPath: folder + "/half", withIntermediateDirectories: true)
    try files.createSymbolicLink(atPath: folder + "/half/extensions", withDestinationPath: "nowhere")
    for name in ["broken", "broken/", "half", "half/"] {
      let failure = #expect(throws: InstallFailure.self) { try TrustedKeys.load(configFolder: folder + "/" + name) }
      #expect(failure?.kind == .trustedKeysParse)
      #expect(
        failure?.message
          == "trusted_keys.toml at `\(folder)/\(name)/extensions/trusted_keys.toml` invalid: "
          + "read failed: No such file or directory (os error 2)")
    }
  }

  @Test("5000 policies put together out of TOML's own signs: read or refused, never a trap")
  func mixtures() {
    let pieces = [
      "[[authors]]", "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "\n", "\r\n", " ", "\t", "#", "\"", "'", "\"\"\"",
      "'''", "\\", "\\u", "\\u00e4", "\\U0010ffff", "owner", "mode", "default", "authors", "'warn'", "\"require\"", "1",
      "-0", "0x", "1e9", "inf", "nan", "+", "_", "1979-05-27", "T07:32:00Z", "07:32:00", "true", "\u{e4}", "\u{2028}",
      "a = 1\n", "a.b = 'x'\n", "identity_regexp = 'x'\n", "owner = 'o'\n", "schema_version = '1.1'\n",
    ]
    var numbers = Numbers(seed: 12)
    var accepted = 0
    for _ in 0..<5000 {
      let text = (0...numbers.below(14)).map { _ in pieces[numbers.below(pieces.count)] }.joined()
      if (try? keys(text)) != nil { accepted += 1 }
    }
    #expect(accepted > 0)
  }
}

/// Reproducible numbers for damage.
struct Numbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
