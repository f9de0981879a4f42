import Foundation
import SigstoreVerify
import Testing

@testable import NexoInstall

@Suite("trusted_keys.toml")
struct TrustedKeysTests {
  private static let author = """
    [[authors]]
    owner = "o"
    identity_regexp = '^x$'

    """

  private func keys(_ text: String) throws -> TrustedKeys {
    try TrustedKeys(parsing: Array(text.utf8), path: "P")
  }

  private func reason(_ text: String, _ kind: ErrorKind = .trustedKeysParse) -> String? {
    let failure = #expect(throws: InstallFailure.self) { try keys(text) }
    #expect(failure?.kind == kind, "\(failure?.message ?? "")")
    let prefix = "trusted_keys.toml at `P` invalid: "
    return failure.map { $0.message.hasPrefix(prefix) ? String($0.message.dropFirst(prefix.count)) : $0.message }
  }

  @Test("a whole file, and what stands where nothing is said")
  func whole() throws {
    let keys = try keys(
      """
      schema_version = "1.1"
      default = "require"
      [[authors]]
      owner = "first"
      identity_regexp = '^https://github\\.com/first/'
      oidc_issuer = "https://issuer.test"
      mode = "ignore"
      bind = "repository"
      [[authors]]
      owner = "second"
      identity_regexp = "x"
      """)
    #expect(keys.defaultMode == .require)
    #expect(keys.authors.map(\.owner) == ["first", "second"])
    #expect(keys.authors.map(\.issuer) == ["https://issuer.test", TrustedKeys.gitHubIssuer])
    #expect(keys.authors.map(\.mode) == [.ignore, nil])
    #expect(keys.authors.map(\.binding) == [.repository, .tag])
    #expect(keys.authors[0].identity.matches("https://github.com/first/x"))
    #expect(!keys.authors[0].identity.matches("https://github-com/first/x"))
    // Searched for anywhere, as nexo-rs does.
    #expect(keys.authors[1].identity.matches("axb"))
    #expect(keys.warnings == [])
    let empty = try self.keys("")
    #expect(empty.defaultMode == .warn)
    #expect(empty.authors.isEmpty)
    let inline = try self.keys("authors = [{owner = 'o', identity_regexp = 'x'}]")
    #expect(inline.authors.map(\.owner) == ["o"])
  }

  @Test(
    "case 77: what cannot be understood is refused, with its place",
    arguments: [
      ("defualt = 'warn'", "unknown key `defualt` at line 1, column 1"),
      ("\n  strict = true\n", "unknown key `strict` at line 2, column 3"),
      (author + "trust = 1\n", "unknown key `trust` at line 4, column 1"),
      (author + author + "[authors.more]\n", "unknown key `more`"),
      (author + "bind = 'tag'\n", "unknown key `bind` at line 4, column 1 (it needs schema_version = \"1.1\")"),
      (
        "schema_version = '1.0'\n" + author + "bind = 'tag'",
        "unknown key `bind` at line 5, column 1 (it needs schema_version = \"1.1\")"
      ),
      (
        "schema_version = '1.1'\n" + author + "bind = 'Tag'",
        "bind is `Tag`, not one of tag, repository, none at line 5, column 1"
      ),
      ("schema_version = 1.0", "`schema_version` is no text at line 1, column 1"),
      ("schema_version = 1", "`schema_version` is no text at line 1, column 1"),
      ("schema_version = '2.0'", "schema_version `2.0` is not known here; 1.0 and 1.1 are at line 1, column 1"),
      ("schema_version = '0.9'", "schema_version `0.9` is not known here; 1.0 and 1.1 are at line 1, column 1"),
      ("schema_version = '1'", "schema_version `1` is not of the form MAJOR.MINOR at line 1, column 1"),
      ("schema_version = '1.x'", "schema_version `1.x` is not of the form MAJOR.MINOR at line 1, column 1"),
      ("default = 'Warn'", "`default` is `Warn`, not one of ignore, warn, require at line 1, column 1"),
      ("default = true", "`default` is no text at line 1, column 1"),
      (author + "mode = 'REQUIRE'", "`mode` is `REQUIRE`, not one of ignore, warn, require at line 4, column 1"),
      ("authors = 1", "authors is no list of tables at line 1, column 1"),
      ("authors = ['x']", "authors is no list of tables at line 1, column 1"),
      ("[[authors]]\nidentity_regexp = 'x'", "author 1 has no `owner`"),
      (author + "[[authors]]\nowner = 'p'", "author 2 has no `identity_regexp`"),
      ("[[authors]]\nowner = ''\nidentity_regexp = 'x'", "owner is empty at line 2, column 1"),
      ("[[authors]]\nowner = 'o'\nidentity_regexp = ''", "identity_regexp is empty at line 3, column 1"),
      (author + "oidc_issuer = ''", "oidc_issuer is empty at line 4, column 1"),
      (author + "oidc_issuer = 1", "`oidc_issuer` is no text at line 4, column 1"),
      ("cosign_binary = 1", "`cosign_binary` is no text at line 1, column 1"),
      ("default = 'warn'\ndefault = 'ignore'", nil), ("default = ", nil), ("[[authors]", nil),
      ("default = 'wa\u{0}rn'", "it holds a NUL character"), ("default = \"wa\\u0000rn\"", "it holds a NUL character"),
    ] as [(String, String?)])
  func refused(text: String, expected: String?) {
    let reason = reason(text)
    if let expected {
      #expect(reason == expected)
    } else {
      #expect(reason?.contains(" at line ") == true, "\(reason ?? "")")
    }
  }

  @Test(
    "case 77: patterns that RE2 with Go's meaning does not have",
    arguments: ["(?=x)", "(a)\\1", "\\Cx", "(", "a{1001}", "x*+", "[", String(repeating: "a", count: 2000)])
  func badPattern(pattern: String) {
    let message = reason("[[authors]]\nowner = 'o'\nidentity_regexp = '\(pattern)'", .identityRegexpInvalid)
    #expect(message?.hasPrefix("identity_regexp `\(pattern)` invalid: ") == true)
    #expect(message?.hasSuffix(" at line 3, column 1") == true)
  }

  @Test("what is not text, or too much of it")
  func bytes() {
    for bytes in [[0xff, 0xfe], [UInt8](repeating: 0x20, count: TrustedKeys.limit + 1)] {
      let failure = #expect(throws: InstallFailure.self) { try TrustedKeys(parsing: bytes, path: "P") }
      #expect(failure?.kind == .trustedKeysParse)
    }
  }

  @Test(
    "a hundred thousand levels, in every form, are refused and do not end the process",
    arguments: [
      "[" + String(repeating: "a.", count: 100_000) + "a]", String(repeating: "a.", count: 100_000) + "a = 1",
      String(repeating: "a . ", count: 100_000) + "a = 1", String(repeating: "\"a,\".", count: 100_000) + "a = 1",
      String(repeating: "'a='.", count: 100_000) + "a = 1",
      "x = {" + String(repeating: "a.", count: 100_000) + "a = 1}",
      "x = [{" + String(repeating: "a.", count: 100_000) + "a = 1}]", "x = " + String(repeating: "[", count: 100_000),
      "x = " + String(repeating: "{a=", count: 100_000),
      "x = \"\"\"a\"\"\"\"\"\n" + String(repeating: "a.", count: 100_000) + "a = 1",
      "x = '''a'''''\n" + String(repeating: "a.", count: 100_000) + "a = 1",
      "x = \"\\\\\"\n" + String(repeating: "a.", count: 100_000) + "a = 1",
      "# \"\n" + String(repeating: "a.", count: 100_000) + "a = 1",
    ])
  func deep(text: String) {
    #expect(reason(text) == "it is nested too deeply")
  }

  @Test(
    "a header without a key, which the parser does not survive",
    arguments: [
      "[", "[[", "[=]", "[[=]]", "[ \t#]", "[.a]", "[\n]", "x = 1\n[!]", "[[[a]]]", "[\u{e4}]",
    ])
  func header(text: String) {
    #expect(reason(text) == "a table's header begins with no key")
  }

  @Test(
    "blanks and letters beyond ASCII outside of texts, which the parser takes for line ends and keys",
    arguments: ["x = 1\u{2028}[=]", "\u{e4} = 1", "x =\u{a0}1", "x = 1\u{7f}"])
  func beyondASCII(text: String) {
    #expect(reason(text) == "a character outside of ASCII stands outside of texts and comments")
  }

  @Test("a bracket that closes another, or nothing", arguments: ["]", "x = [}", "x = {]", "x = 1\n]]", "[a]]"])
  func brackets(text: String) {
    #expect(reason(text) == "a bracket closes what was not opened")
  }

  @Test(
    "lists and tables in their usual forms pass the guard",
    arguments: [
      "x = [[[1]], [+1], [-1], [\n# c\n 2], []]", "x = [{a = [1]}]", "[ a . \"b\" ]", "[[a]]\n[a.b]\n[[a.c]]",
      "x=[[1]]",
    ])
  func passes(text: String) {
    #expect(reason(text)?.hasPrefix("unknown key") == true)
  }

  @Test("dots in texts and comments are no levels")
  func dotsInTexts() throws {
    let dots = String(repeating: ".", count: 200)
    _ = try keys("# \(dots)\n[[authors]] # \(dots)\nowner = 'o'\nidentity_regexp = 'x\(dots)' # \(dots)\n")
    _ = try keys("[[authors]]\nowner = \"o\"\nidentity_regexp = \"\"\"x\(dots)\"\"\"\n")
  }

  @Test("warnings: cosign_binary, a second entry, an owner that GitHub cannot have, a newer schema")
  func warnings() throws {
    #expect(
      try keys("cosign_binary = '/usr/bin/cosign'").warnings.first?.hasPrefix("cosign_binary in P is not used") == true)
    let twice = try keys(
      Self.author
        + Self.author.replacingOccurrences(of: "\"o\"", with: "\"O\"").replacingOccurrences(of: "^x$", with: "y"))
    #expect(twice.warnings == ["P has a second [[authors]] entry for `O`; only the first counts"])
    #expect(twice.author(owner: "O")?.identity.matches("x") == true)
    #expect(
      try keys(Self.author.replacingOccurrences(of: "\"o\"", with: "\"*\"")).warnings.first?.contains("never matches")
        == true)
    #expect(try keys("schema_version = '1.7'").warnings.first?.contains("newer") == true)
    #expect(try keys("schema_version = '1.1'").warnings == [])
  }

  @Test("case 61: owners compare without ASCII case, and without nothing else")
  func owners() throws {
    let keys = try keys(Self.author.replacingOccurrences(of: "\"o\"", with: "\"LordMacu-k\""))
    #expect(keys.author(owner: "lordmacu-K") != nil)
    #expect(keys.author(owner: "lordmacu-\u{212a}") == nil)
    #expect(keys.author(owner: "lordmacu") == nil)
  }

  @Test("precedence: flag, entry, default of the file, warn")
  func precedence() throws {
    for flag in [TrustFlag.none, .require, .skip] {
      for entry in [TrustMode.ignore, .warn, .require, nil] {
        for other in [TrustMode.ignore, .warn, .require, nil] {
          let text =
            (other.map { "default = '\($0.rawValue)'\n" } ?? "") + Self.author
            + (entry.map { "mode = '\($0.rawValue)'\n" } ?? "")
          let keys = try keys(text)
          let configured = entry ?? other ?? .warn
          let listed = keys.effectiveMode(owner: "o", flag: flag)
          #expect(listed.mode == (flag == .require ? .require : flag == .skip ? .ignore : configured))
          #expect(listed.author?.owner == "o")
          #expect(listed.overridden == (flag == .skip && configured == .require))
          let stranger = keys.effectiveMode(owner: "p", flag: flag)
          #expect(stranger.mode == (flag == .require ? .require : flag == .skip ? .ignore : other ?? .warn))
          #expect(stranger.author == nil)
          #expect(stranger.overridden == (flag == .skip && other == .require))
        }
      }
    }
  }

  @Test("a file that is not there is an empty policy; one that cannot be read, or leads nowhere, is an error")
  func absent() throws {
    let folder = NSTemporaryDirectory() + "/nexo-keys-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try TrustedKeys.load(configFolder: folder).authors.isEmpty)
    let path = folder + "/extensions/trusted_keys.toml"
    try FileManager.default.createDirectory(atPath: folder + "/extensions", withIntermediateDirectories: true)
    #expect(try TrustedKeys.load(configFolder: folder).defaultMode == .warn)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder + "/nowhere")
    func kind() -> ErrorKind? {
      (#expect(throws: InstallFailure.self) { try TrustedKeys.load(configFolder: folder) })?.kind
    }
    #expect(kind() == .trustedKeysParse)
    try FileManager.default.removeItem(atPath: path)
    #expect(mkfifo(path, 0o600) == 0)
    #expect(kind() == .trustedKeysParse)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    #expect(kind() == .trustedKeysParse)
  }

  @Test("3000 changed bytes of a policy: read or refused, never a trap")
  func mutations() throws {
    let good = Array(
      ("schema_version = \"1.1\"\ndefault = 'warn'\n" + Self.author + "bind = \"none\"\nmode = \"\"\"require\"\"\"\n")
        .utf8)
    var state: UInt64 = 11
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<3000 {
      var bytes = good
      for _ in 0...next(3) { bytes[next(bytes.count)] = UInt8(next(256)) }
      _ = try? TrustedKeys(parsing: bytes, path: "P")
    }
  }
}
