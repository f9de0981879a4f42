import OpenSSLCrypto
import SigstoreBundle
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

/// Keys that the caller trusts: choice by hint, windows, schemes.
@Suite("Managed keys")
struct ManagedKeyTests {
  private static let key = VirtualKey(.p256, seed: "managed")
  private static let other = VirtualKey(.p256, seed: "other")

  private static func managed(
    _ key: VirtualKey = key, hint: String? = nil, scheme: SignatureScheme? = nil, validFor: TimeWindow? = nil
  ) throws -> ManagedKey {
    ManagedKey(
      try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo), hint: hint, scheme: scheme, validFor: validFor)
  }

  private func judge(
    _ draft: JSONDraft, _ keys: [ManagedKey], content: ExpectedContent = .blob, world: World = World(),
    log: VerificationPolicy.Requirement = .required, hash: HashAlgorithm? = nil
  ) throws -> Answer {
    let bundle: Bundle
    do throws(BundleFailure) { bundle = try Bundle(parsing: draft.bytes) } catch { return Answer(unread: error) }
    var policy = VerificationPolicy(signer: .keys(keys), content: content, log: log)
    policy.signatureHash = hash
    return Answer(
      try world.verifier.verify(
        bundle, artifact: try digests(World.artifact), policy: policy, at: UnixTime(seconds: world.clock)))
  }

  private func signed(hint: String? = nil, key: VirtualKey = key) -> JSONDraft {
    var world = World()
    var draft = world.sigstore.sign(World.artifact, withManagedKey: key).bundle()
    draft["verificationMaterial.publicKey.hint"] = hint.map { .text($0) }
    return draft
  }

  @Test("every kind of key, in either kind of log", arguments: VirtualKey.Kind.leaves, [false, true])
  func kinds(kind: VirtualKey.Kind, tiled: Bool) throws {
    var world = World()
    if tiled { world.sigstore.useTiledLog() }
    let key = VirtualKey(kind, seed: "managed")
    let material = world.sigstore.sign(World.artifact, withManagedKey: key)
    let answer = try judge(material.bundle(), [try Self.managed(key)], world: world)
    // Over a blob such a key signs as Ed25519ph, which this libcrypto has not.
    answer.expect(
      kind == .ed25519 ? "signature.keyUnsupported" : Answer.accepted, at: kind == .ed25519 ? .signature : nil)
  }

  @Test("a statement by a managed key, Ed25519 too", arguments: VirtualKey.Kind.leaves)
  func statements(kind: VirtualKey.Kind) throws {
    var world = World()
    let key = VirtualKey(kind, seed: "managed")
    let material = world.sigstore.attest(EnvelopeDraft(about: World.artifact), of: World.artifact, managedKey: key)
    let content = ExpectedContent.statement(StatementPolicy(predicateType: "https://slsa.dev/provenance/v1"))
    try judge(material.bundle(), [try Self.managed(key)], content: content).expect(Answer.accepted, at: nil)
    // There is one RSA key of each size.
    let other: VirtualKey.Kind = kind == .rsa2048 ? .rsa4096 : kind == .rsa4096 ? .rsa2048 : kind
    try judge(material.bundle(), [try Self.managed(VirtualKey(other, seed: "other"))], content: content)
      .expect("signature.mismatch", at: .signature)
  }

  @Test("one key alone: whatever the hint says; several: the one that the hint names, and no other")
  func hints() throws {
    let (good, bad) = (try Self.managed(hint: "good"), try Self.managed(Self.other, hint: "bad"))
    for hint in [nil, "good", "bad", "else"] {
      try judge(signed(hint: hint), [good]).expect(Answer.accepted, at: nil, hint ?? "none")
    }
    for keys in [[good, bad], [bad, good]] {
      try judge(signed(hint: "good"), keys).expect(Answer.accepted, at: nil)
      try judge(signed(hint: "bad"), keys).expect("signature.mismatch", at: .signature)
      for hint in [nil, "else", "", "goo", "good\u{301}"] {
        try judge(signed(hint: hint), keys).expect("signature.keyMissing", at: .bundle, hint ?? "none")
      }
    }
    try judge(signed(hint: "good"), [good, good]).expect("signature.keyMissing", at: .bundle)
    try judge(signed(hint: "good"), []).expect("signature.keyMissing", at: .bundle)
  }

  @Test("an envelope's keyid is the bundle's hint, or is nothing")
  func keyID() throws {
    for (keyID, hint, code) in [
      ("a", "a", Answer.accepted), ("", "a", Answer.accepted), ("a", "b", "signature.keyMismatch"),
      ("a", nil, Answer.accepted), (nil, "a", Answer.accepted),
    ] as [(String?, String?, String)] {
      var world = World()
      var envelope = EnvelopeDraft(about: World.artifact)
      envelope.keyID = keyID
      var draft = world.sigstore.attest(envelope, of: World.artifact, managedKey: Self.key).bundle()
      draft["verificationMaterial.publicKey.hint"] = hint.map { .text($0) }
      try judge(draft, [try Self.managed()], content: .statement(StatementPolicy(predicateType: nil)))
        .expect(code, at: code == Answer.accepted ? nil : .bundle)
    }
  }

  @Test("case 29: the key's window: every signing time inside, both ends included; without a time the present counts")
  func window() throws {
    let now: Int64 = 1_700_000_000
    for (start, end, isInside) in [
      (now, now, true), (now + 1, nil, false), (nil, now - 1, false), (nil, nil, true), (now - 5, now + 5, true),
    ] as [(Int64?, Int64?, Bool)] {
      let window = TimeWindow(start: start.map { UnixTime(seconds: $0) }, end: end.map { UnixTime(seconds: $0) })
      try judge(signed(), [try Self.managed(validFor: window)])
        .expect(isInside ? Answer.accepted : "signature.keyNotValidAtTime", at: isInside ? nil : .times)
    }
    var draft = signed()
    draft["verificationMaterial.tlogEntries"] = nil
    let clock = World().clock
    for (end, code) in [(clock, Answer.accepted), (clock - 1, "signature.keyNotValidAtTime")] {
      let window = TimeWindow(start: nil, end: UnixTime(seconds: end))
      let answer = try judge(draft, [try Self.managed(validFor: window)], log: .unsafelyIgnored)
      answer.expect(code, at: code == Answer.accepted ? nil : .times)
      #expect(answer.cautions.contains(.keyJudgedNow))
    }
  }

  @Test("the scheme is the caller's: another padding, another hash")
  func schemes() throws {
    let rsa = VirtualKey(.rsa2048, seed: "managed")
    try judge(signed(key: rsa), [try Self.managed(rsa, scheme: .rsaPSS(.sha256))])
      .expect("signature.mismatch", at: .signature)
    try judge(signed(key: rsa), [try Self.managed(rsa, scheme: .rsaPKCS1v15(.sha256))]).expect(Answer.accepted, at: nil)
    try judge(signed(), [try Self.managed()], hash: .sha512).expect("signature.mismatch", at: .signature)
    var world = World()
    let wide = world.sigstore.sign(World.artifact, withManagedKey: Self.key, hash: .sha512)
    try judge(wide.bundle(), [try Self.managed()], hash: .sha512).expect(Answer.accepted, at: nil)
    try judge(wide.bundle(), [try Self.managed()]).expect("signature.mismatch", at: .signature)
  }

  @Test("case 3: another key, and a certificate where a key is due")
  func others() throws {
    try judge(signed(), [try Self.managed(Self.other)]).expect("signature.mismatch", at: .signature)
    var world = World()
    try judge(world.sign().bundle(), [try Self.managed()]).expect("signature.keyUnexpected", at: .bundle)
  }
}
