import SigstoreBundle
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@Suite("Signatures: is it this key's, over this file?")
struct SignatureAttackTests {
  /// Material that differs in its signature alone; the log entry holds the same one.
  private static func signature(
    _ kind: VirtualKey.Kind = .p256, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) -> @Sendable (inout World) -> JSONDraft {
    { world in
      var material = world.sign(as: world.leafRequest(kind))
      material.signature = change(material.signature)
      let body = VirtualRekor.hashedRekord(
        digest: material.hash(World.artifact), hash: material.hash, signature: material.signature,
        verifierPEM: material.verifier.pem)
      return world.log(body, for: material).bundle()
    }
  }

  private static func encoded(_ r: [UInt8], _ s: [UInt8]) -> @Sendable ([UInt8]) -> [UInt8] {
    { _ in DERWriter.sequence(DERWriter.integer(r), DERWriter.integer(s)) }
  }

  /// r and s of the good signature, in another form.
  private static func reencoded(_ form: @escaping @Sendable (_ r: [UInt8], _ s: [UInt8]) -> [UInt8])
    -> @Sendable ([UInt8])
    -> [UInt8]
  {
    { signature in
      let (r, s) = ECDSATwin.numbers(signature) ?? ([], [])
      return form(r, s)
    }
  }

  static let signatures: [Attack] = [
    Attack(
      "r is 0", .signature, "signature.malformed",
      signature(change: reencoded { _, s in DERWriter.sequence(DERWriter.integer([0]), DERWriter.integer(s)) })),
    Attack(
      "s is 0", .signature, "signature.malformed",
      signature(change: reencoded { r, _ in DERWriter.sequence(DERWriter.integer(r), DERWriter.integer([0])) })),
    Attack("r and s are 0", .signature, "signature.malformed", signature(change: encoded([0], [0]))),
    Attack(
      "r is the order", .signature, "signature.mismatch",
      signature(
        change: reencoded { _, s in DERWriter.sequence(DERWriter.integer(ECDSATwin.order), DERWriter.integer(s)) })
    ),
    Attack(
      "s is the order", .signature, "signature.mismatch",
      signature(
        change: reencoded { r, _ in DERWriter.sequence(DERWriter.integer(r), DERWriter.integer(ECDSATwin.order)) })
    ),
    Attack(
      "s + order", .signature, "signature.mismatch",
      signature(
        change: reencoded { r, s in DERWriter.sequence(DERWriter.integer(r), DERWriter.integer(sum(s, ECDSATwin.order)))
        }
      )),
    Attack(
      "r of 67 bytes", .signature, "signature.malformed",
      signature(change: encoded(Array(repeating: 1, count: 67), [1]))),
    Attack(
      "negative s", .signature, "signature.malformed",
      signature(change: reencoded { r, _ in DERWriter.sequence(DERWriter.integer(r), [0x02, 0x01, 0x80]) })),
    Attack(
      "r with a superfluous zero in front", .signature, "signature.malformed",
      signature(
        change: reencoded { r, s in
          DERWriter.sequence(DERWriter.element(0x02, [0, 0] + r), DERWriter.integer(s))
        })),
    Attack("r and s as bare bytes", .signature, "signature.malformed", signature(change: reencoded { $0 + $1 })),
    Attack("bytes left over", .signature, "signature.malformed", signature { $0 + [0] }),
    Attack("cut short", .signature, "signature.malformed", signature { Array($0.dropLast()) }),
    Attack(
      "bytes left over inside", .signature, "signature.malformed",
      signature(
        change: reencoded { r, s in DERWriter.sequence(DERWriter.integer(r), DERWriter.integer(s), [0x05, 0x00]) })),
    Attack(
      "a length of two bytes where one is due", .signature, "signature.malformed",
      signature { [0x30, 0x81] + $0.dropFirst() }),
    Attack("one bit", .signature, "signature.mismatch", signature { flipped($0) }),
    Attack("one bit of a P-384 signature", .signature, "signature.mismatch", signature(.p384, flipped)),
    Attack("one bit of a P-521 signature", .signature, "signature.mismatch", signature(.p521, flipped)),
    Attack("one bit of an RSA signature", .signature, "signature.mismatch", signature(.rsa2048, flipped)),
    Attack(
      "an RSA signature cut short", .signature, "signature.mismatch", signature(.rsa2048) { Array($0.dropLast()) }),
    Attack("an RSA signature with a zero in front", .signature, "signature.mismatch", signature(.rsa2048) { [0] + $0 }),
    Attack("RSA over another hash", .signature, "signature.mismatch", rsa(.sha512)),
    Attack("RSA over SHA-384", .signature, "signature.mismatch", rsa(.sha384)),
    Attack("empty", .bundle, "input.signatureEmpty", signature { _ in [] }),
    Attack("2049 bytes", .bundle, "bundle.tooLarge", signature { _ in Array(repeating: 1, count: 2049) }),
    Attack("P-256 over SHA-512", .signature, "signature.mismatch") { world in
      world.sign(as: world.leafRequest(.p256), hash: .sha512).bundle()
    },
  ]

  private static func signature(change: @escaping @Sendable ([UInt8]) -> [UInt8])
    -> @Sendable (inout World) -> JSONDraft
  {
    signature(.p256, change)
  }

  private static func rsa(_ hash: HashName) -> @Sendable (inout World) -> JSONDraft {
    { world in world.sign(as: world.leafRequest(.rsa2048), hash: hash).bundle() }
  }

  private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var (result, carry): ([UInt8], Int) = ([], 0)
    for index in left.indices.reversed() {
      let digit = Int(left[index]) + Int(right[index]) + carry
      result.insert(UInt8(digit & 0xff), at: 0)
      carry = digit >> 8
    }
    return carry == 0 ? result : [1] + result
  }

  @Test("case 40: r or s 0 or out of range, not DER, bytes left over, other hashes", arguments: signatures)
  func signature(attack: Attack) throws { try attack.check() }

  // MARK: Keys

  /// A leaf with any SubjectPublicKeyInfo, issued by the trusted authority.
  private static func key(_ make: @escaping @Sendable () -> [UInt8]) -> @Sendable (inout World) -> JSONDraft {
    { world in
      let authority = world.sigstore.fulcio.authorities[0]
      let certificate = CertificateAttackTests.template(world, make()).signed(
        issuer: authority.name, key: authority.key)
      let signer = world.leafRequest().key
      return CertificateAttackTests.signed(by: signer, certificate: certificate, in: &world).bundle()
    }
  }

  private static func elliptic(_ curve: [UInt8], _ point: [UInt8]) -> [UInt8] {
    DERWriter.sequence(
      DERWriter.sequence(DERWriter.identifier("1.2.840.10045.2.1"), curve), DERWriter.bits(point))
  }

  private static func rsaKey(_ modulus: [UInt8], _ exponent: [UInt8]) -> [UInt8] {
    DERWriter.sequence(
      DERWriter.sequence(DERWriter.identifier("1.2.840.113549.1.1.1"), [0x05, 0x00]),
      DERWriter.bits(DERWriter.sequence(DERWriter.integer(modulus), DERWriter.integer(exponent))))
  }

  private static let p256 = DERWriter.identifier("1.2.840.10045.3.1.7")
  /// A point of P-256, uncompressed.
  private static var point: [UInt8] { Array(VirtualKey(.p256, seed: "point").subjectPublicKeyInfo.suffix(65)) }

  static let keys: [Attack] = [
    Attack("point off the curve", .bundle, "signature.keyUnsupported", key { elliptic(p256, flipped(point)) }),
    Attack(
      "compressed point", .bundle, "signature.keyUnsupported",
      key { elliptic(p256, [2 + (point[64] & 1)] + point[1...32]) }),
    Attack(
      "hybrid point", .bundle, "signature.keyUnsupported",
      key { elliptic(p256, [6 + (point[64] & 1)] + point.dropFirst()) }),
    Attack("point at infinity", .bundle, "signature.keyUnsupported", key { elliptic(p256, [0]) }),
    Attack(
      "case 84: secp256k1, whose points are as long as those of P-256", .bundle, "signature.keyUnsupported",
      key { elliptic(DERWriter.identifier("1.3.132.0.10"), point) }),
    Attack(
      "case 84: a P-256 point under the name of P-384", .bundle, "signature.keyUnsupported",
      key { elliptic(DERWriter.identifier("1.3.132.0.34"), point) }),
    Attack(
      "case 84: explicit curve parameters", .bundle, "signature.keyUnsupported",
      key { elliptic(DERWriter.sequence(DERWriter.integer(1)), point) }),
    Attack(
      "case 84: an unknown key algorithm", .bundle, "signature.keyUnsupported",
      key { DERWriter.sequence(DERWriter.sequence(DERWriter.identifier("1.2.3.4"), p256), DERWriter.bits(point)) }),
    Attack(
      "RSA 1024", .bundle, "signature.keyUnsupported", key { VirtualKey(.rsa1024, seed: "").subjectPublicKeyInfo }),
    Attack(
      "RSA with e = 1", .bundle, "signature.keyUnsupported",
      key { rsaKey([0x80] + [UInt8](repeating: 1, count: 255), [1]) }),
    Attack(
      "RSA with e = 3", .bundle, "signature.keyUnsupported",
      key { rsaKey([0x80] + [UInt8](repeating: 1, count: 255), [3]) }),
    Attack(
      "RSA of 16384 bits", .bundle, "signature.keyUnsupported",
      key { rsaKey([0x80] + [UInt8](repeating: 1, count: 2047), [1, 0, 1]) }),
    Attack(
      "Ed25519 key of small order", .bundle, "signature.keyUnsupported",
      key {
        DERWriter.sequence(
          DERWriter.sequence(DERWriter.identifier("1.3.101.112")),
          DERWriter.bits([1] + [UInt8](repeating: 0, count: 31)))
      }),
  ]

  @Test("case 40 and 84: keys that are not accepted, whoever vouches for them", arguments: keys)
  func key(attack: Attack) throws { try attack.check() }

  // MARK: Curves and short hashes

  static let wide: [VirtualKey.Kind] = [.p384, .p521]

  @Test(
    "case 40: P-384 and P-521 over SHA-256 are accepted where all names SHA-256, and reported",
    arguments: Shape.allCases,
    wide)
  func curveWithShortHash(shape: Shape, kind: VirtualKey.Kind) throws {
    var world = World()
    let material = world.sign(as: world.leafRequest(kind), hash: .sha256)
    let answer = try world.judge(shape.render(material))
    answer.expect(Answer.accepted, at: nil)
    #expect(answer.cautions.contains(.curveWithShortHash))
    #expect(answer.artifact?.scheme == "ECDSA with sha256")
    try world.judge(shape.render(material), artifact: [1]).expect("signature.mismatch", at: .signature)
  }

  @Test("case 40: P-384 over SHA-256 is refused where the message digest names another", arguments: wide)
  func curveWithOtherDigest(kind: VirtualKey.Kind) throws {
    var world = World()
    var draft = world.sign(as: world.leafRequest(kind), hash: .sha256).bundle()
    draft["messageSignature.messageDigest.algorithm"] = .text("SHA2_384")
    draft["messageSignature.messageDigest.digest"] = .base64(HashName.sha384(World.artifact))
    try world.judge(draft).expect("signature.mismatch", at: .signature)
  }

  @Test("case 40: P-384 over SHA-256 is refused where the log entry names another", arguments: wide)
  func curveWithOtherBody(kind: VirtualKey.Kind) throws {
    var world = World()
    let material = world.sign(as: world.leafRequest(kind), hash: .sha256)
    let body = VirtualRekor.hashedRekord(
      digest: HashName.sha384(World.artifact), hash: .sha384, signature: material.signature,
      verifierPEM: material.verifier.pem)
    try world.judge(world.log(body, for: material).bundle()).expect("signature.mismatch", at: .signature)
  }

  @Test("case 40: P-384 over SHA-384 is refused where the log entry names SHA-256", arguments: wide)
  func standardHashLoggedShort(kind: VirtualKey.Kind) throws {
    var world = World()
    let material = world.sign(as: world.leafRequest(kind))
    let body = VirtualRekor.hashedRekord(
      digest: HashName.sha256(World.artifact), hash: .sha256, signature: material.signature,
      verifierPEM: material.verifier.pem)
    try world.judge(world.log(body, for: material).bundle()).expect("entryBody.digestMismatch", at: .entryBody)
  }

  @Test("case 40: loose files are cosign's, which knows SHA-256 alone", arguments: wide)
  func looseCurveWithShortHash(kind: VirtualKey.Kind) throws {
    var world = World()
    world.log = .unsafelyIgnored
    world.managedKey = VirtualKey(kind, seed: "managed")
    let signature = try #require(world.managedKey).sign(World.artifact, hash: .sha256)
    let answer = try world.judge(try Bundle(looseSignature: signature))
    answer.expect(Answer.accepted, at: nil)
    #expect(answer.cautions == [.logIgnored, .curveWithShortHash])
  }

  @Test("case 40: a bundle without entry and digest names no hash, so the key's own one is due", arguments: wide)
  func unnamedShortHash(kind: VirtualKey.Kind) throws {
    var world = World()
    let material = world.signWithManagedKey(kind)
    world.log = .unsafelyIgnored
    let key = try #require(world.managedKey)
    for (hash, code) in [(HashName.sha256, "signature.mismatch"), (key.defaultHash, Answer.accepted)] {
      var draft = material.bundle()
      draft["messageSignature.signature"] = .base64(key.sign(World.artifact, hash: hash))
      draft["messageSignature.messageDigest"] = nil
      draft["verificationMaterial.tlogEntries"] = nil
      try world.judge(draft).expect(code, at: code == Answer.accepted ? nil : .signature)
    }
  }

  // MARK: Case 82

  @Test("case 82: a signature over the hash of the hash", arguments: Shape.allCases)
  func hashedTwice(shape: Shape) throws {
    var world = World()
    var material = world.sign()
    try world.judge(shape.render(material)).expect(Answer.accepted, at: nil)
    // The key hashes once itself.
    material.signature = world.leafRequest().key.sign(HashName.sha256(World.artifact))
    let body = VirtualRekor.hashedRekord(
      digest: HashName.sha256(World.artifact), hash: .sha256, signature: material.signature,
      verifierPEM: material.verifier.pem)
    try world.judge(shape.render(world.log(body, for: material))).expect("signature.mismatch", at: .signature)
  }

  static let artifacts: [[UInt8]] = [
    [], World.artifact + [0x0a], Array(World.artifact.dropLast()), [0x0d] + World.artifact, flipped(World.artifact),
    HashName.sha256(World.artifact),
  ]

  @Test("case 82: another artifact, down to a newline", arguments: Shape.allCases, artifacts)
  func otherArtifact(shape: Shape, artifact: [UInt8]) throws {
    var world = World()
    let draft = shape.render(world.sign())
    try world.judge(draft, artifact: artifact).expect("signature.mismatch", at: .signature)
  }
}
