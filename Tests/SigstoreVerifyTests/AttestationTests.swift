import OpenSSLCrypto
import SigstoreBundle
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

/// Statements about a blob: the envelope, its entry, its type and its subjects.
@Suite("Attestations")
struct AttestationTests {
  private static let provenance = "https://slsa.dev/provenance/v1"

  private static func world(for entry: EntryDraft) -> World {
    var world = World()
    if entry == .hashedRekord2 || entry == .dsse2 { world.sigstore.useTiledLog() }
    if entry == .dsse2 { world.editPolicy = { $0.acceptsDeprecatedEntries = true } }
    return world
  }

  static let entries = EntryDraft.allCases.filter { $0 != .hashedRekord1 }

  @Test("a statement about the artifact, logged in every kind of entry", arguments: entries, VirtualKey.Kind.leaves)
  func accepted(entry: EntryDraft, kind: VirtualKey.Kind) throws {
    var world = Self.world(for: entry)
    let material = world.attest(entry: entry, as: world.leafRequest(kind))
    let answer = try world.judge(material.bundle())
    // What has no digest cannot be logged as one.
    if kind == .ed25519, entry == .hashedRekord2 {
      answer.expect("entryBody.digestMismatch", at: .entryBody)
      return
    }
    answer.expect(Answer.accepted, at: nil)
    #expect(answer.artifact?.statement?.predicateType == Self.provenance)
    #expect(answer.artifact?.statement?.subjectName == "blob")
    #expect(answer.artifact?.digest == Digest(.sha256, HashName.sha256(World.artifact)))
    #expect(answer.verdict?.trace.map(\.step).suffix(2) == [.entryBody, .attestation])
  }

  @Test("case 10: a dsse 0.0.2 is refused unless it is asked for")
  func deprecated() throws {
    var world = Self.world(for: .dsse2)
    let material = world.attest(entry: .dsse2)
    world.editPolicy = { _ in }
    try world.judge(material.bundle()).expect("entryBody.unsupported", at: .entryBody)
  }

  @Test("case 10: an entry of a blob beside an envelope, and an entry of an envelope beside a blob")
  func kinds() throws {
    var world = World()
    let material = world.attest(entry: .hashedRekord1)
    try world.judge(material.bundle()).expect("entryBody.kindMismatch", at: .entryBody)
    for entry in [EntryDraft.dsse1, .intoto1, .intoto2] {
      var world = World()
      let statement = world.attest(entry: entry)
      var message = world.sign()
      message.kind = entry
      world.content = .blob
      try world.judge(world.log(statement.body, for: message).bundle()).expect("entryBody.kindMismatch", at: .entryBody)
    }
  }

  @Test("an envelope where a blob's signature is due, and the reverse")
  func content() throws {
    var world = World()
    let material = world.attest()
    world.content = .blob
    try world.judge(material.bundle()).expect("bundle.unsupported", at: .bundle)
    world.content = .statement(StatementPolicy(predicateType: nil))
    try world.judge(world.sign().bundle()).expect("bundle.unsupported", at: .bundle)
  }

  /// One part of the entry about something else.
  static let changes: [(name: String, change: @Sendable (inout EntryDraft.Facts) -> Void)] = [
    ("payload", { $0.payloadDigest = HashName.sha256([1]) }), ("signature", { $0.signature = [0x30, 1, 2] }),
    ("key", { $0.verifier = .publicKey(VirtualKey(.p256, seed: "other").subjectPublicKeyInfo) }),
    ("payload type", { $0.payloadType = "text/plain" }), ("digest", { $0.digest = HashName.sha256([1]) }),
    ("envelope", { $0.envelopeDigest = HashName.sha256([1]) }),
    ("key details", { $0.keyDetails = "PKIX_ECDSA_P384_SHA_384" }),
  ]

  /// By kind and part; what is not listed is not in that kind, or is not compared.
  static let codes: [EntryDraft: [String: String]] = [
    .dsse1: ["payload": "envelope", "signature": "envelope", "key": "envelope"],
    .dsse2: ["payload": "envelope", "signature": "envelope", "key": "envelope", "key details": "key"],
    .intoto1: ["payload": "envelope", "key": "envelope", "envelope": "envelope"],
    .intoto2: ["payload": "envelope", "signature": "envelope", "key": "envelope", "payload type": "envelope"],
    .hashedRekord2: ["digest": "digest", "signature": "signature", "key": "key", "key details": "key"],
  ]

  @Test(
    "case 9: an entry of another payload, signature, key, type or envelope", arguments: entries, changes.map(\.name))
  func entry(entry: EntryDraft, part: String) throws {
    var world = Self.world(for: entry)
    let change = try #require(Self.changes.first { $0.name == part }).change
    let material = world.attest(entry: entry, adjust: change)
    let code = Self.codes[entry]?[part].map { "entryBody.\($0)Mismatch" }
    try world.judge(material.bundle()).expect(code ?? Answer.accepted, at: code == nil ? nil : .entryBody, part)
  }

  @Test("case 9: an intoto 0.0.1 is tied to the signature by the texts that known writers make, and by no other")
  func envelopeTexts() throws {
    let draft = EnvelopeDraft(about: World.artifact)
    for (text, isKnown) in [
      (#"{"payloadType":"T","payload":"P","signatures":[{"keyid":"","sig":"S"}]}"#, true),
      (#"{"payload":"P","payloadType":"T","signatures":[{"keyid":"","sig":"S"}]}"#, true),
      (#"{"payload":"P","payloadType":"T","signatures":[{"sig":"S","keyid":""}]}"#, true),
      (#"{"payload":"P","payloadType":"T","signatures":[{"sig":"S"}]}"#, true),
      (#"{"payload": "P","payloadType":"T","signatures":[{"sig":"S"}]}"#, false),
      (#"{"payload":"P","payloadType":"T","signatures":[{"sig":"S"},{"sig":"S"}]}"#, false), ("", false),
    ] {
      var world = World()
      let material = world.attest(draft, entry: .intoto1) { facts in
        let full = text.replacing("\"P\"", with: "\"\(Encoding.base64(draft.payload))\"")
          .replacing("\"T\"", with: "\"\(draft.payloadType)\"")
          .replacing("\"S\"", with: "\"\(Encoding.base64(facts.signature))\"")
        facts.envelopeDigest = HashName.sha256(Array(full.utf8))
      }
      try world.judge(material.bundle()).expect(
        isKnown ? Answer.accepted : "entryBody.envelopeMismatch", at: isKnown ? nil : .entryBody, text)
    }
  }

  @Test(
    "case 11: the signature covers type and payload; a second or another signature is none",
    arguments: [
      ("payload", JSONDraft.base64(EnvelopeDraft(about: [1]).payload), "signature.mismatch"),
      ("payloadType", .text("application/vnd.in-toto+jsoN"), "signature.mismatch"),
      ("signatures.0.sig", .base64([0x30, 0x06, 2, 1, 1, 2, 1, 1]), "signature.mismatch"),
      ("signatures.0.sig", .base64([1, 2, 3]), "signature.malformed"),
      ("signatures", .array([]), "attestation.signatureCount"), ("signatures", nil, "attestation.signatureCount"),
      ("signatures.0.sig", .text("MEQ_-w=="), "input.base64"), ("payload", .text("e30"), "input.base64"),
      ("payload", .text("_-8="), "input.base64"), ("payload_type", .text("x"), "bundle.fieldInvalid"),
    ])
  func envelope(field: String, value: JSONDraft?, code: String) throws {
    var world = World()
    var draft = world.attest().bundle()
    draft["dsseEnvelope." + field] = value
    let answer = try world.judge(draft)
    #expect(answer.code == code, "\(answer)")
    #expect(answer.step == (code.hasPrefix("signature") ? .signature : .bundle))
  }

  @Test("case 11: two signatures of which one, the other, or both are good", arguments: [0, 1, 2])
  func twoSignatures(good: Int) throws {
    var world = World()
    let material = world.attest()
    var draft = material.bundle()
    let genuine = JSONDraft.object([("sig", .base64(material.signature))])
    let other = JSONDraft.object([("sig", .base64([0x30, 0x06, 2, 1, 1, 2, 1, 1]))])
    draft["dsseEnvelope.signatures"] = .array([good == 1 ? other : genuine, good == 0 ? other : genuine])
    try world.judge(draft).expect("attestation.signatureCount", at: .bundle)
  }

  @Test("a payload type that is no statement, with a good signature over it")
  func payloadType() throws {
    var world = World()
    let material = world.attest(
      EnvelopeDraft(payload: EnvelopeDraft(about: World.artifact).payload, payloadType: "application/json"))
    try world.judge(material.bundle()).expect("attestation.payloadTypeUnsupported", at: .attestation)
  }

  @Test("case 12: the type is compared byte for byte, whatever else is right")
  func type() throws {
    for type in [
      "https://slsa.dev/provenance/v1 ", "https://slsa.dev/provenance/v1/", "https://slsa.dev/Provenance/v1",
      "https://slsa.dev/provenance/v0.2", "https://slsa.dev/provenance/v1\u{301}",
    ] {
      var world = World()
      let material = world.attest(EnvelopeDraft(about: World.artifact, predicateType: type))
      try world.judge(material.bundle()).expect("attestation.typeMismatch", at: .attestation, type)
      world.content = .statement(StatementPolicy(predicateType: nil))
      let answer = try world.judge(material.bundle())
      answer.expect(Answer.accepted, at: nil)
      #expect(answer.cautions == [.typeIgnored])
    }
  }

  @Test(
    "case 12: a payload that is no statement is a refusal, whether the type is asked for or not",
    arguments: [
      "", "{", "{}", "[]", "null", "\"\"", "{\"_type\":\"https://in-toto.io/Statement/v1\"}",
      "{\"_type\":\"https://in-toto.io/Statement/v2\",\"subject\":[],\"predicateType\":\"x\"}",
      "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"\",\"subject\":[]}",
      "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":1,\"subject\":[]}",
      "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"x\",\"predicateType\":\"x\",\"subject\":[]}",
      "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"x\",\"subject\":[{}]}",
      "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"x\",\"subject\":[{\"digest\":{}}]}",
      "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"x\",\"subject\":[{\"digest\":{\"sha256\":\"\"}}]}",
      "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"x\",\"subject\":{}}",
    ])
  func malformed(payload: String) throws {
    for type in [Self.provenance, nil] {
      var world = World()
      let material = world.attest(EnvelopeDraft(payload: Array(payload.utf8)))
      world.content = .statement(StatementPolicy(predicateType: type))
      try world.judge(material.bundle()).expect("attestation.payloadMalformed", at: .attestation, payload)
    }
  }

  private static let digest = Encoding.hex(HashName.sha256(World.artifact))
  private static let wide = Encoding.hex(HashName.sha512(World.artifact))
  private static let other = String(repeating: "0", count: 64)

  @Test(
    "subjects: any one that is the artifact is enough; none is a refusal, and so is one that is two files",
    arguments: [
      ([[("sha256", other)], [("sha256", digest)]], "accepted"), ([[("sha256", digest.uppercased())]], "accepted"),
      ([[("sha512", wide)]], "accepted"), ([[("sha1", "00"), ("sha256", digest)]], "accepted"),
      ([[("sha256", digest), ("sha512", wide)]], "accepted"),
      ([[("sha256", digest), ("sha512", String(repeating: "0", count: 128))]], "attestation.subjectMismatch"),
      ([[("sha256", other), ("sha512", wide)]], "attestation.subjectMismatch"),
      ([[("sha256", other)]], "attestation.subjectMismatch"),
      ([[("sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709")]], "attestation.noSubject"),
      ([[("md5", "00"), ("gitCommit", "00")]], "attestation.noSubject"), ([], "attestation.noSubject"),
    ] as [([[(String, String)]], String)])
  func subjects(digests: [[(String, String)]], code: String) throws {
    var world = World()
    let material = world.attest(EnvelopeDraft(subjects: digests.map { ("x", $0) }, predicateType: Self.provenance))
    try world.judge(material.bundle()).expect(code, at: code == Answer.accepted ? nil : .attestation)
  }

  @Test("statements of version 0.1, and subjects without a name")
  func oldStatement() throws {
    var world = World()
    let material = world.attest(
      EnvelopeDraft(
        subjects: [(nil, [("sha256", Self.digest)])], predicateType: Self.provenance,
        type: "https://in-toto.io/Statement/v0.1"))
    let answer = try world.judge(material.bundle())
    answer.expect(Answer.accepted, at: nil)
    #expect(answer.artifact?.statement?.subjectName == nil)
  }

  @Test("case 44: a million subjects are refused in bounded time, a thousand are read")
  func manySubjects() throws {
    for (count, code) in [(1024, Answer.accepted), (1025, "bundle.tooMany")] {
      var world = World()
      var subjects = Array(repeating: (name: String?.none, digests: [("sha256", Self.other)]), count: count)
      subjects[count - 1] = (nil, [("sha256", Self.digest)])
      let material = world.attest(EnvelopeDraft(subjects: subjects, predicateType: Self.provenance))
      try world.judge(material.bundle()).expect(code, at: code == Answer.accepted ? nil : .attestation)
    }
    var world = World()
    let many = String(repeating: "{},", count: 1_000_000) + "{}"
    let text = "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"x\",\"subject\":[\(many)]}"
    let material = world.attest(EnvelopeDraft(payload: Array(text.utf8)))
    #expect(try !world.judge(material.bundle()).code.isEmpty)
    try world.judge(material.bundle()).expect("bundle.tooMany", at: .attestation)
  }

  @Test("only a digest is known: the same algorithm, or a refusal that says which")
  func onlyADigest() throws {
    var world = World()
    let bundle = try Bundle(
      parsing: world.attest(
        EnvelopeDraft(subjects: [("x", [("sha512", Self.wide)])], predicateType: Self.provenance)
      ).bundle().bytes)
    #expect(Verifier.hashAlgorithms(for: bundle) == [.sha256, .sha512])
    func code(_ algorithm: HashAlgorithm) throws -> String {
      let known = try ArtifactDigests([try OpenSSLCrypto.digest(algorithm, of: World.artifact)])
      return Answer(
        try world.verifier.verify(bundle, artifact: known, policy: try world.policy, at: UnixTime(seconds: world.clock))
      ).code
    }
    #expect(try code(.sha512) == Answer.accepted)
    #expect(try code(.sha256) == "signature.digestUnavailable")
  }

  @Test("case 13: without an artifact nothing is verified, unless the subject is not asked for")
  func withoutArtifact() throws {
    var world = World()
    let bundle = try Bundle(parsing: world.attest().bundle().bytes)
    func answer(_ policy: VerificationPolicy) throws -> Answer {
      Answer(try world.verifier.verify(bundle, artifact: nil, policy: policy, at: UnixTime(seconds: world.clock)))
    }
    try answer(world.policy).expect("usage.nothingToVerify", at: .attestation)
    world.content = .statement(StatementPolicy(predicateType: Self.provenance, subject: .unsafelyIgnored))
    let ignoring = try answer(world.policy)
    ignoring.expect(Answer.accepted, at: nil)
    #expect(ignoring.cautions == [.subjectIgnored])
    #expect(ignoring.artifact?.digest == nil)
    world.content = .blob
    let message = try Bundle(parsing: world.sign().bundle().bytes)
    Answer(
      try world.verifier.verify(message, artifact: nil, policy: try world.policy, at: UnixTime(seconds: world.clock))
    ).expect("usage.nothingToVerify", at: .signature)
  }
}

extension VirtualKey.Kind {
  /// What a leaf may hold.
  static let leaves: [VirtualKey.Kind] = [.p256, .p384, .p521, .rsa2048, .rsa4096, .ed25519]
}
