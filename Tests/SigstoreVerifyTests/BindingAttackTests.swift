import OpenSSLCrypto
import SigstoreBundle
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@Suite("Binding: is this evidence about this file?")
struct BindingAttackTests {
  private static let otherArtifact = Array("something else\n".utf8)

  private static func otherRequest(_ world: World) -> LeafRequest {
    var request = world.leafRequest()
    request.key = VirtualKey(.p256, seed: "another signer")
    return request
  }

  @Test(
    "case 1 and 4: a genuine log entry of other content, by the same or another signer", arguments: Shape.allCases,
    [false, true])
  func entryOfOtherContent(shape: Shape, byAnother: Bool) throws {
    var world = World()
    let good = world.sign()
    try world.judge(shape.render(good)).expect(Answer.accepted, at: nil)
    let other = world.sign(Self.otherArtifact, as: byAnother ? Self.otherRequest(world) : nil)
    let answer = try world.judge(shape.render(good.carryingEntry(of: other)))
    answer.expect("entryBody.digestMismatch", at: .entryBody)
    #expect(answer.failure?.got == "sha256:" + Encoding.hex(HashName.sha256(Self.otherArtifact)))
    #expect(answer.failure?.want == "sha256:" + Encoding.hex(HashName.sha256(World.artifact)))
  }

  @Test("case 2: the entry has the right hash, another signature", arguments: Shape.allCases)
  func entryOfOtherSignature(shape: Shape) throws {
    var world = World()
    let good = world.sign()
    let other = world.sign(as: Self.otherRequest(world))
    let answer = try world.judge(shape.render(good.carryingEntry(of: other)))
    answer.expect("entryBody.signatureMismatch", at: .entryBody)
  }

  @Test("case 2: the same key's other valid signature (r, n - s) is another signature", arguments: Shape.allCases)
  func malleatedSignature(shape: Shape) throws {
    var world = World()
    var material = world.sign()
    material.signature = try #require(ECDSATwin.p256(material.signature))
    let answer = try world.judge(shape.render(material))
    answer.expect("entryBody.signatureMismatch", at: .entryBody)
    // It is a signature: only the log entry tells the two apart.
    let body = VirtualRekor.hashedRekord(
      digest: HashName.sha256(World.artifact), hash: .sha256, signature: material.signature,
      verifierPEM: material.verifier.pem)
    material = world.log(body, for: material)
    try world.judge(shape.render(material)).expect(Answer.accepted, at: nil)
  }

  @Test("case 3: right hash and signature, another certificate of the same key", arguments: Shape.allCases)
  func entryOfOtherCertificate(shape: Shape) throws {
    var world = World()
    let good = world.sign()
    var request = world.leafRequest()
    request.names = [.uri(VirtualSigstore.identity + ".1")]
    let other = world.sign(as: request)
    #expect(other.signature == good.signature)
    let answer = try world.judge(shape.render(good.carryingEntry(of: other)))
    answer.expect("entryBody.keyMismatch", at: .entryBody)
  }

  @Test("case 3: right hash and signature, the certificate's bare key", arguments: Shape.allCases)
  func entryOfBareKey(shape: Shape) throws {
    var world = World()
    let good = world.sign()
    let key = Encoding.pem("PUBLIC KEY", world.leafRequest().key.subjectPublicKeyInfo)
    let body = VirtualRekor.hashedRekord(
      digest: HashName.sha256(World.artifact), hash: .sha256, signature: good.signature, verifierPEM: key)
    let answer = try world.judge(shape.render(world.log(body, for: good)))
    answer.expect("entryBody.keyMismatch", at: .entryBody)
  }

  @Test("case 3: a managed key's signature, logged with a certificate of that key", arguments: Shape.allCases)
  func managedKeyLoggedAsCertificate(shape: Shape) throws {
    var world = World()
    let good = world.signWithManagedKey()
    var request = world.leafRequest()
    request.key = VirtualKey(.p256, seed: "managed")
    let other = world.sign(as: request)
    let answer = try world.judge(shape.render(good.carryingEntry(of: other)))
    answer.expect("entryBody.keyMismatch", at: .entryBody)
  }

  @Test(
    "case 4: the canonicalized body alone replaced: promise and proof are about the old one", arguments: Shape.allCases)
  func bodyReplaced(shape: Shape) throws {
    var world = World()
    var material = world.sign()
    material.body = world.sign(Self.otherArtifact).body
    try world.judge(shape.render(material)).expect("log.promiseInvalid", at: .log)
    guard shape != .legacy, shape != .v0_1 else { return }
    var draft = shape.render(material)
    draft["verificationMaterial.tlogEntries.0.inclusionPromise"] = nil
    try world.judge(draft).expect("log.rootMismatch", at: .log)
  }

  // MARK: Files beside the bundle

  enum Beside: CaseIterable, Sendable { case signature, certificate }

  @Test("case 6: a signature or certificate that differs from the bundle's", arguments: Shape.allCases, Beside.allCases)
  func disagreement(shape: Shape, which: Beside) throws {
    var world = World()
    let material = world.sign()
    let other = world.sign(Self.otherArtifact, as: Self.otherRequest(world))
    let bundle = try Bundle(parsing: shape.render(material).bytes)
    let failure = #expect(throws: BundleFailure.self) {
      switch which {
      case .signature: try bundle.checkAgreement(looseSignature: other.looseSignature, certificate: nil)
      case .certificate:
        try bundle.checkAgreement(looseSignature: material.looseSignature, certificate: other.looseCertificate)
      }
    }
    #expect(failure?.code == .disagreesWithBundle)
  }

  @Test("case 6: equal bytes in another encoding agree: accepted", arguments: Shape.allCases)
  func agreement(shape: Shape) throws {
    var world = World()
    let material = world.sign()
    let bundle = try Bundle(parsing: shape.render(material).bytes)
    let pem = Array(material.verifier.pem.utf8)
    for signature in [material.looseSignature, material.signature, material.looseSignature + [0x0a], nil] {
      for certificate in [material.looseCertificate, pem, [0x0a] + pem, material.looseCertificate + [0x0a], nil] {
        #expect(throws: Never.self) {
          try bundle.checkAgreement(looseSignature: signature, certificate: certificate)
        }
      }
    }
  }

  @Test("case 6: a certificate beside a managed key's bundle", arguments: Shape.allCases)
  func certificateBesideKey(shape: Shape) throws {
    var world = World()
    let certificate = world.sign().looseCertificate
    let bundle = try Bundle(parsing: shape.render(world.signWithManagedKey()).bytes)
    let failure = #expect(throws: BundleFailure.self) {
      try bundle.checkAgreement(looseSignature: nil, certificate: certificate)
    }
    #expect(failure?.code == .disagreesWithBundle)
  }

  // MARK: Digests

  static let messageDigests: [Attack] = [
    Attack("another file's digest", .signature, "signature.digestMismatch") { world in
      var draft = world.sign().bundle()
      draft["messageSignature.messageDigest.digest"] = .base64(HashName.sha256(otherArtifact))
      return draft
    },
    Attack("one bit of the digest", .signature, "signature.digestMismatch") { world in
      var draft = world.sign().bundle()
      draft["messageSignature.messageDigest.digest"] = .base64(flipped(HashName.sha256(World.artifact)))
      return draft
    },
    Attack("a wrong digest of another algorithm", .signature, "signature.digestMismatch") { world in
      var draft = world.sign().bundle()
      draft["messageSignature.messageDigest.algorithm"] = .text("SHA2_512")
      draft["messageSignature.messageDigest.digest"] = .base64(HashName.sha512(otherArtifact))
      return draft
    },
    Attack("a digest of the wrong length", .bundle, "bundle.fieldInvalid") { world in
      var draft = world.sign().bundle()
      draft["messageSignature.messageDigest.algorithm"] = .text("SHA2_512")
      return draft
    },
    Attack("an algorithm that is not on the list", .bundle, "bundle.fieldInvalid") { world in
      var draft = world.sign().bundle()
      draft["messageSignature.messageDigest.algorithm"] = .text("SHA3_256")
      return draft
    },
    Attack(accepted: "no digest: it is a hint") { world in
      var draft = world.sign().bundle()
      draft["messageSignature.messageDigest"] = nil
      return draft
    },
  ]

  @Test("case 7: message digest in the bundle wrong, signature right", arguments: messageDigests)
  func messageDigest(attack: Attack) throws { try attack.check() }

  // MARK: Kinds of entries

  struct Kind: Sendable, CustomTestStringConvertible {
    let kind: String
    let version: String
    var testDescription: String { "\(kind) \(version)" }
  }

  private static func body(_ material: SignedMaterial, _ kind: Kind) -> [UInt8] {
    Array(
      material.bodyText.replacing(#""apiVersion":"0.0.1""#, with: #""apiVersion":"\#(kind.version)""#)
        .replacing(#""kind":"hashedrekord""#, with: #""kind":"\#(kind.kind)""#).utf8)
  }

  static let kinds = [
    Kind(kind: "rekord", version: "0.0.1"), Kind(kind: "intoto", version: "0.0.2"),
    Kind(kind: "dsse", version: "0.0.1"), Kind(kind: "hashedrekord", version: "0.0.3"),
    Kind(kind: "hashedrekord", version: "0.0.1 "), Kind(kind: "HashedRekord", version: "0.0.1"),
    Kind(kind: "", version: ""),
  ]

  static let unknownKinds =
    kinds.filter { !["dsse", "intoto"].contains($0.kind) } + [Kind(kind: "dsse", version: "0.0.3")]

  @Test("case 8: an entry of a kind or version that is not on the list", arguments: Shape.allCases, unknownKinds)
  func unsupportedKind(shape: Shape, kind: Kind) throws {
    var world = World()
    let good = world.sign()
    let body = Self.body(good, kind)
    #expect(body != good.body)
    var draft = shape.render(world.log(body, for: good))
    if shape != .legacy {
      draft["verificationMaterial.tlogEntries.0.kindVersion.kind"] = .text(kind.kind)
      draft["verificationMaterial.tlogEntries.0.kindVersion.version"] = .text(kind.version)
    }
    try world.judge(draft).expect("entryBody.unsupported", at: .entryBody)
  }

  @Test("case 8: the kind in kindVersion is not that of the body", arguments: Shape.protobuf, kinds)
  func kindMismatch(shape: Shape, kind: Kind) throws {
    var world = World()
    let good = world.sign()
    var draft = shape.render(good)
    draft["verificationMaterial.tlogEntries.0.kindVersion.kind"] = .text(kind.kind)
    draft["verificationMaterial.tlogEntries.0.kindVersion.version"] = .text(kind.version)
    try world.judge(draft).expect("entryBody.kindMismatch", at: .entryBody)
    let logged = world.log(Self.body(good, kind), for: good)
    try world.judge(shape.render(logged)).expect("entryBody.kindMismatch", at: .entryBody)
  }

  @Test(
    "case 8: a logged body that cannot be read", arguments: Shape.allCases, ["", "null", "{}", "[1", "{\"kind\":1}"])
  func malformedBody(shape: Shape, text: String) throws {
    var world = World()
    let material = world.log(Array(text.utf8), for: world.sign())
    try world.judge(shape.render(material)).expect("entryBody.malformed", at: .entryBody)
  }

  // MARK: Nothing to verify

  @Test("case 13: no digest, a digest of length 0, two digests of one algorithm")
  func nothingToVerify() throws {
    #expect(#expect(throws: VerifyFailure.self) { try ArtifactDigests([]) }?.code == .nothingToVerify)
    #expect(Digest(.sha256, []) == nil)
    #expect(Digest(.sha256, try Hex.decode("")) == nil)
    #expect(Digest(.sha256, [UInt8](repeating: 0, count: 31)) == nil)
    let (one, two) = (try digest(.sha256, of: [1]), try digest(.sha256, of: [2]))
    #expect(#expect(throws: VerifyFailure.self) { try ArtifactDigests([one, two]) }?.code == .nothingToVerify)
    #expect(VerifyCode.nothingToVerify.rawValue == "usage.nothingToVerify")
    #expect(try ArtifactDigests([one, one]).all == [one])
  }
}

/// ECDSA knows two signatures for one nonce.
enum ECDSATwin {
  static let order: [UInt8] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
  ]

  /// r and s, 32 bytes each.
  static func numbers(_ signature: [UInt8]) -> (r: [UInt8], s: [UInt8])? {
    func padded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
      let magnitude = Array(bytes.drop { $0 == 0 })
      return [UInt8](repeating: 0, count: 32 - magnitude.count) + magnitude
    }
    guard signature.count > 8 else { return nil }
    let lengthOfR = Int(signature[3])
    return (padded(signature[4..<4 + lengthOfR]), padded(signature[(6 + lengthOfR)...]))
  }

  static func p256(_ signature: [UInt8]) -> [UInt8]? {
    guard let (r, s) = numbers(signature) else { return nil }
    var (twin, borrow) = ([UInt8](repeating: 0, count: 32), 0)
    for index in (0..<32).reversed() {
      let difference = Int(order[index]) - Int(s[index]) - borrow
      twin[index] = UInt8(truncatingIfNeeded: difference)
      borrow = difference < 0 ? 1 : 0
    }
    return DERWriter.sequence(DERWriter.integer(r), DERWriter.integer(twin))
  }
}
