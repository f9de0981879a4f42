import FulcioCert
import SigstoreBundle
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@Suite("Identity: is it the expected signer?")
struct IdentityAttackTests {
  // MARK: Patterns

  struct Pattern: Sendable, CustomTestStringConvertible {
    let pattern: String
    let name: String
    let code: String
    var isAnchored = true
    var hasBareDot = false
    var testDescription: String { "\(pattern) against \(name) -> \(code)" }
  }

  private static let owner = "https://github.com/owner/plugin/.github/workflows/release.yml@refs/tags/v1.0.0"
  private static let evil = "https://github.com/owner-evil/plugin/.github/workflows/release.yml@refs/tags/v1.0.0"

  static let patterns = [
    Pattern(pattern: "github\\.com/owner", name: owner, code: Answer.accepted, isAnchored: false),
    Pattern(pattern: "github\\.com/owner", name: evil, code: Answer.accepted, isAnchored: false),
    Pattern(
      pattern: "github\\.com/owner", name: "https://evil.example/github.com/owner", code: Answer.accepted,
      isAnchored: false),
    Pattern(
      pattern: "^https://github.com/owner/.*$", name: "https://githubXcom/owner/x", code: Answer.accepted,
      hasBareDot: true),
    Pattern(pattern: "^https://github\\.com/owner/.*$", name: owner, code: Answer.accepted),
    Pattern(pattern: "^https://github\\.com/owner/.*$", name: evil, code: "identity.mismatch"),
    Pattern(pattern: "^https://github\\.com/owner/.*$", name: "https://githubXcom/owner/x", code: "identity.mismatch"),
    Pattern(
      pattern: "^https://github\\.com/owner/.*$", name: "https://evil.example/https://github.com/owner/x",
      code: "identity.mismatch"),
    Pattern(pattern: "(?m)^https://github\\.com/owner/.*$", name: owner, code: Answer.accepted, isAnchored: false),
    Pattern(pattern: "^https://GitHub\\.com/owner/.*$", name: owner, code: "identity.mismatch"),
  ]

  @Test("case 30: patterns match as Go's do, and tell whether they are anchored", arguments: patterns)
  func pattern(pattern: Pattern) throws {
    var world = World()
    var request = world.leafRequest()
    request.names = [.uri(pattern.name)]
    let draft = world.sign(as: request).bundle()
    let compiled = try IdentityPattern(pattern.pattern)
    world.identity = .pattern(compiled)
    let answer = try world.judge(draft)
    answer.expect(pattern.code, at: pattern.code == Answer.accepted ? nil : .identity)
    #expect(compiled.isAnchored == pattern.isAnchored)
    #expect(compiled.hasBareDot == pattern.hasBareDot)
  }

  @Test(
    "case 30: a name with a control character is refused before any pattern",
    arguments: ["\n", "\r", "\0", "\u{1b}[2K", "\t", "\u{7f}"], ["^https://github\\.com/owner/a$", "owner", "(?s)^.*$"])
  func controlCharacter(character: String, pattern: String) throws {
    var world = World()
    var request = world.leafRequest()
    request.names = [.uri("https://github.com/owner/a" + character)]
    let draft = world.sign(as: request).bundle()
    world.identity = .pattern(try IdentityPattern(pattern))
    try world.judge(draft).expect("identity.badCharacter", at: .identity)
  }

  // MARK: Names

  private static func named(_ names: [AlternativeName], critical: Bool = true, subject: [UInt8]? = nil)
    -> @Sendable (
      inout World
    ) -> JSONDraft
  {
    { world in
      var request = world.leafRequest()
      request.names = names
      request.namesAreCritical = critical
      if let subject { request.subject = subject }
      return world.sign(as: request).bundle()
    }
  }

  private static let workflow = AlternativeName.uri(VirtualSigstore.identity)
  private static let stranger = AlternativeName.uri("https://github.com/stranger/plugin")

  @Test(
    "case 31: two names, of which one is the expected one",
    arguments: [
      [stranger, workflow], [workflow, stranger], [workflow, workflow], [workflow, .email("a@example.com")],
    ])
  func severalNames(names: [AlternativeName]) throws {
    try Attack("several names", .identity, "identity.severalNames", Self.named(names)).check()
  }

  /// `URI text` in another kind of name, and names that only look right.
  static let names: [Attack] = [
    Attack("URI text in an e-mail name", .identity, "identity.wrongType", named([.email(VirtualSigstore.identity)])),
    Attack("URI text in a DNS name", .identity, "identity.wrongType", named([.dns(VirtualSigstore.identity)])),
    Attack(
      "URI text in an otherName of Sigstore's type", .identity, "identity.wrongType",
      named([.other(type: "1.3.6.1.4.1.57264.1.7", text: VirtualSigstore.identity)])),
    Attack(
      "otherName of another type", .identity, "identity.wrongType",
      named([.other(type: "1.3.6.1.4.1.311.20.2.3", text: VirtualSigstore.identity)])),
    Attack("a user name in an otherName of another type", .identity, "identity.wrongType") { world in
      world.identity = .exact("alice")
      return named([.other(type: "1.3.6.1.4.1.311.20.2.3", text: "alice")])(&world)
    },
    Attack(accepted: "a user name in an otherName of Sigstore's type") { world in
      world.identity = .exact("alice")
      return named([.other(type: "1.3.6.1.4.1.57264.1.7", text: "alice")])(&world)
    },
    Attack(
      "a registered id", .identity, "identity.wrongType", named([.raw([0x88, 0x03, 0x2a, 0x03, 0x04])])),
    Attack(
      "NUL and more behind the expected name", .identity, "identity.badCharacter",
      named([.uri(VirtualSigstore.identity + "\0.evil.example")])),
    Attack(
      "a homoglyph in a URI", .identity, "identity.badCharacter",
      named([.uri(VirtualSigstore.identity.replacing("plugin", with: "p\u{406}ugin"))])),
    Attack(
      "a homoglyph in a user name", .identity, "identity.mismatch",
      named([.other(type: "1.3.6.1.4.1.57264.1.7", text: "\u{430}lice")])),
    Attack(
      "a right-to-left override in a user name", .identity, "identity.badCharacter",
      named([.other(type: "1.3.6.1.4.1.57264.1.7", text: "a\u{202e}b")])),
    Attack("no name extension", .identity, "identity.missing", named([])),
    Attack("an empty list of names", .identity, "identity.missing", named([.raw([])])),
    Attack("an empty URI", .identity, "identity.missing", named([.uri("")])),
    Attack(
      "a non-critical name beside a subject with the expected name", .identity, "identity.notCritical",
      named([workflow], critical: false, subject: DERWriter.name(commonName: VirtualSigstore.identity))),
    Attack(
      "a subject with the expected name and no other name", .identity, "identity.missing",
      named([], subject: DERWriter.name(commonName: VirtualSigstore.identity))),
    Attack("another name", .identity, "identity.mismatch", named([stranger])),
    Attack(
      "the expected name with more behind it", .identity, "identity.mismatch",
      named([.uri(VirtualSigstore.identity + "0")])),
    Attack(
      "the expected name cut short", .identity, "identity.mismatch",
      named([.uri(String(VirtualSigstore.identity.dropLast()))])),
    Attack(
      "the expected name in another case", .identity, "identity.mismatch",
      named([.uri(VirtualSigstore.identity.replacing("github.com", with: "GitHub.com"))])),
    Attack(accepted: "the expected name", named([workflow])),
    Attack(
      accepted: "a critical name beside any subject",
      named([workflow], subject: DERWriter.name(commonName: "somebody else"))),
  ]

  @Test("case 34: names of the wrong kind, with bad characters, missing or different", arguments: names)
  func name(attack: Attack) throws { try attack.check() }

  @Test("case 34: exact comparison is of bytes, not of Unicode forms")
  func unicodeForms() throws {
    var world = World()
    var request = world.leafRequest()
    request.names = [.other(type: "1.3.6.1.4.1.57264.1.7", text: "ren\u{e9}")]
    let draft = world.sign(as: request).bundle()
    world.identity = .exact("ren\u{e9}")
    try world.judge(draft).expect(Answer.accepted, at: nil)
    world.identity = .exact("rene\u{301}")
    try world.judge(draft).expect("identity.mismatch", at: .identity)
  }

  @Test("an e-mail name is compared as it is")
  func email() throws {
    var world = World()
    var request = world.leafRequest()
    request.names = [.email("alice@example.com")]
    let draft = world.sign(as: request).bundle()
    world.identity = .exact("alice@example.com")
    try world.judge(draft).expect(Answer.accepted, at: nil)
    for other in ["Alice@example.com", "alice@example.com ", "mailto:alice@example.com"] {
      world.identity = .exact(other)
      try world.judge(draft).expect("identity.mismatch", at: .identity)
    }
  }

  // MARK: Issuers

  private static func issued(_ old: String?, _ new: String?) -> @Sendable (inout World) -> JSONDraft {
    { world in
      var request = world.leafRequest()
      request.claims[1] = old
      request.claims[8] = new
      return world.sign(as: request).bundle()
    }
  }

  static let issuers: [Attack] = [
    Attack(accepted: "old extension only", issued(VirtualSigstore.issuer, nil)),
    Attack(accepted: "new extension only", issued(nil, VirtualSigstore.issuer)),
    Attack(accepted: "both, equal", issued(VirtualSigstore.issuer, VirtualSigstore.issuer)),
    Attack(
      "both, the new one expected", .identity, "identity.issuerConflict",
      issued("https://evil.example", VirtualSigstore.issuer)),
    Attack(
      "both, the old one expected", .identity, "identity.issuerConflict",
      issued(VirtualSigstore.issuer, "https://evil.example")),
    Attack("neither", .identity, "identity.issuerMissing", issued(nil, nil)),
    Attack("an empty one", .identity, "identity.issuerMissing", issued(nil, "")),
  ]

  @Test("case 32: issuer in the old, the new or both extensions", arguments: issuers)
  func issuer(attack: Attack) throws { try attack.check() }

  @Test(
    "case 33: an issuer that only resembles the expected one",
    arguments: [
      VirtualSigstore.issuer + ".evil.tld", VirtualSigstore.issuer + "/", "https://TOKEN.actions.githubusercontent.com",
      "http://token.actions.githubusercontent.com", String(VirtualSigstore.issuer.dropFirst(8)),
      " " + VirtualSigstore.issuer, "https://token.actions.githubusercontent.com@evil.tld",
    ])
  func resemblingIssuer(text: String) throws {
    try Attack("in the certificate", .identity, "identity.issuerMismatch", Self.issued(text, text)).check()
    try Attack("in the policy", .identity, "identity.issuerMismatch") { world in
      world.issuer = .exact(text)
      return world.sign().bundle()
    }.check()
  }

  @Test("case 33: an issuer pattern is searched like a name's")
  func issuerPattern() throws {
    var world = World()
    let draft = world.sign().bundle()
    world.issuer = .pattern(try IdentityPattern("^https://token\\.actions\\.githubusercontent\\.com$"))
    try world.judge(draft).expect(Answer.accepted, at: nil)
    world.issuer = .pattern(try IdentityPattern("^https://accounts\\.example\\.com$"))
    try world.judge(draft).expect("identity.issuerMismatch", at: .identity)
  }

  // MARK: Claims

  @Test("case 33: a further claim that is another, or absent")
  func claims() throws {
    var world = World()
    let material = world.sign()
    func code(_ claims: [FulcioClaim: String]) throws -> String {
      let signer = SignerPolicy(identity: world.identity, issuer: world.issuer, claims: claims)
      let bundle = try Bundle(parsing: material.bundle().bytes)
      return Answer(
        try world.verifier.verify(
          bundle, artifact: try digests(World.artifact), policy: VerificationPolicy(signer: .identity(signer)),
          at: UnixTime(seconds: world.clock))
      ).code
    }
    #expect(try code([.gitHubWorkflowRepository: "example/plugin", .gitHubWorkflowTrigger: "push"]) == Answer.accepted)
    #expect(try code([.gitHubWorkflowRepository: "example/plugin2"]) == "identity.claimMismatch")
    #expect(try code([.gitHubWorkflowRepository: "Example/plugin"]) == "identity.claimMismatch")
    #expect(try code([.gitHubWorkflowRef: "refs/tags/v1.0.1"]) == "identity.claimMismatch")
    #expect(try code([.deploymentEnvironment: "production"]) == "identity.claimMismatch")
  }

  // MARK: Extension values

  private static func valued(_ extensions: [VirtualExtension], without numbers: [Int])
    -> @Sendable (
      inout World
    ) -> JSONDraft
  {
    { world in
      var request = world.leafRequest()
      for number in numbers { request.claims[number] = nil }
      request.extensions = extensions
      return world.sign(as: request).bundle()
    }
  }

  private static let newIssuer = "1.3.6.1.4.1.57264.1.8"
  private static let text = Array(VirtualSigstore.issuer.utf8)

  static let extensions: [Attack] = [
    Attack(
      "raw text where DER is due", .identity, "identity.extensionMalformed",
      valued([VirtualExtension(newIssuer, text)], without: [8])),
    Attack(
      "raw text where DER is due, beside a good old extension", .identity, "identity.extensionMalformed",
      valued([VirtualExtension("1.3.6.1.4.1.57264.1.9", text)], without: [9])),
    Attack(
      "PrintableString", .identity, "identity.extensionMalformed",
      valued([VirtualExtension(newIssuer, DERWriter.element(0x13, text))], without: [8])),
    Attack(
      "OCTET STRING", .identity, "identity.extensionMalformed",
      valued([VirtualExtension(newIssuer, DERWriter.octets(text))], without: [8])),
    Attack(
      "length cut short", .identity, "identity.extensionMalformed",
      valued([VirtualExtension(newIssuer, Array(DERWriter.utf8(VirtualSigstore.issuer).dropLast()))], without: [8])),
    Attack(
      "bytes left over", .identity, "identity.extensionMalformed",
      valued([VirtualExtension(newIssuer, DERWriter.utf8(VirtualSigstore.issuer) + [0])], without: [8])),
    Attack(
      "invalid UTF-8", .identity, "identity.extensionMalformed",
      valued([VirtualExtension(newIssuer, DERWriter.element(0x0c, [0xff, 0xfe]))], without: [8])),
    Attack(
      "invalid UTF-8 in the old extension", .identity, "identity.extensionMalformed",
      valued([VirtualExtension("1.3.6.1.4.1.57264.1.1", [0xff, 0xfe])], without: [1, 8])),
    Attack(
      "DER in the old extension is other text", .identity, "identity.badCharacter",
      valued([VirtualExtension("1.3.6.1.4.1.57264.1.1", DERWriter.utf8(VirtualSigstore.issuer))], without: [1, 8])),
    Attack(
      "an object identifier twice", .bundle, "chain.malformed",
      valued([.fulcio(8, VirtualSigstore.issuer)], without: [])),
    Attack(accepted: "an unknown number of the arc", valued([.fulcio(99, "x")], without: [])),
  ]

  @Test("case 36: extension value raw where DER is due, wrong tag, truncated, twice", arguments: extensions)
  func extensionValue(attack: Attack) throws { try attack.check() }
}
