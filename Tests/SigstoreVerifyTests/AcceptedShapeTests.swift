import FulcioCert
import OpenSSLCrypto
import SigstoreBundle
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@Suite("Genuine material of every shape")
struct AcceptedShapeTests {
  static let kinds: [VirtualKey.Kind] = [.p256, .p384, .p521, .rsa2048]
  static let schemes: [VirtualKey.Kind: String] = [
    .p256: "ECDSA with sha256", .p384: "ECDSA with sha384", .p521: "ECDSA with sha512",
    .rsa2048: "RSA PKCS#1 v1.5 with sha256",
  ]

  @Test("is accepted with every kind of leaf key", arguments: Shape.allCases, kinds)
  func accepted(shape: Shape, kind: VirtualKey.Kind) throws {
    var world = World()
    let material = world.sign(as: world.leafRequest(kind))
    let answer = try world.judge(shape.render(material))
    let artifact = try #require(answer.artifact, "\(answer)")
    #expect(artifact.scheme == Self.schemes[kind])
    #expect(artifact.signer?.subject.text == VirtualSigstore.identity)
    #expect(artifact.signer?.subject.kind == .uri)
    #expect(artifact.signer?.issuer == VirtualSigstore.issuer)
    #expect(artifact.signingTimes == [UnixTime(seconds: world.sigstore.now)])
    #expect(artifact.digest?.bytes == material.hash(World.artifact))
    #expect(answer.further == [])
    #expect(answer.cautions == ([.legacy].contains(shape) ? [.promiseOnly] : []))
  }

  @Test("leaves a trace of every step in order, all passed", arguments: Shape.allCases)
  func trace(shape: Shape) throws {
    var world = World()
    let verdict = try #require(try world.judge(shape.render(world.sign())).verdict)
    let logs: [Step] = shape == .legacy ? [.log] : [.log, .log]
    #expect(
      verdict.trace.map(\.step) == [.trust, .bundle] + logs + [.times, .chain, .sct, .identity, .signature, .entryBody])
    #expect(verdict.trace.first?.result == .noted)
    #expect(
      verdict.trace.dropFirst().allSatisfy { $0.result == .passed && !$0.specification.isEmpty && !$0.facts.isEmpty })
  }

  @Test("shows in its trace what was compared")
  func facts() throws {
    var world = World()
    let material = world.sign()
    let trace = try #require(try world.judge(material.bundle()).verdict).trace
    func fact(_ step: Step, _ name: String) -> String? {
      trace.filter { $0.step == step }.flatMap(\.facts).first { $0.name == name }?.value.rendered
    }
    #expect(fact(.log, "logID") == Encoding.hex(world.sigstore.rekor.logID))
    #expect(fact(.log, "logIndex") == String(material.globalIndex))
    #expect(fact(.log, "integratedTime") == "2023-11-14T22:13:20Z")
    #expect(fact(.log, "index") == String(material.shardIndex))
    #expect(fact(.log, "treeSize") == String(material.treeSize))
    #expect(fact(.log, "rootHash") == Encoding.hex(material.rootHash))
    #expect(fact(.times, "time") == "2023-11-14T22:13:20Z")
    #expect(fact(.chain, "issuer") == "O=virtual.test, CN=virtual-intermediate")
    #expect(fact(.chain, "leafValidity") == "2023-11-14T22:12:20Z to 2023-11-14T22:22:20Z")
    #expect(fact(.sct, "logID") == Encoding.hex(world.sigstore.fulcio.log.logID))
    #expect(fact(.sct, "timestamp") == "2023-11-14T22:12:21.123Z")
    #expect(fact(.identity, "subject") == VirtualSigstore.identity)
    #expect(fact(.identity, "wantIssuer") == VirtualSigstore.issuer)
    #expect(fact(.signature, "digest") == "sha256:" + Encoding.hex(material.hash(World.artifact)))
    #expect(fact(.entryBody, "logIndex") == String(material.globalIndex))
  }

  @Test("by a managed key is accepted, without a signer", arguments: Shape.allCases, kinds)
  func managed(shape: Shape, kind: VirtualKey.Kind) throws {
    var world = World()
    let material = world.signWithManagedKey(kind)
    let answer = try world.judge(shape.render(material))
    let artifact = try #require(answer.artifact, "\(answer)")
    #expect(artifact.signer == nil)
    #expect(artifact.scheme == Self.schemes[kind])
    #expect(artifact.signingTimes == [UnixTime(seconds: world.sigstore.now)])
    let steps = answer.verdict?.trace.map(\.step) ?? []
    #expect(!steps.contains(.chain) && !steps.contains(.sct) && !steps.contains(.identity))
    #expect(steps.suffix(2) == [.signature, .entryBody])
  }

  @Test("by a managed key needs no time: a proof of inclusion alone is accepted and said to be alone")
  func managedWithoutTime() throws {
    var world = World()
    var bundle = world.signWithManagedKey().bundle()
    bundle["verificationMaterial.tlogEntries.0.inclusionPromise"] = nil
    let answer = try world.judge(bundle)
    #expect(answer.code == Answer.accepted)
    #expect(answer.artifact?.signingTimes == [])
    #expect(answer.cautions == [.inclusionOnly])
  }

  @Test("loose files hold neither time nor log entry: each is asked for")
  func loose() throws {
    var world = World()
    let material = world.sign()
    let bundle = try Bundle(looseSignature: material.looseSignature, certificate: material.looseCertificate)
    #expect(try world.judge(bundle).code == "log.missing")
    world.log = .unsafelyIgnored
    let answer = try world.judge(bundle)
    #expect(answer.code == "times.none")
    #expect(answer.step == .times)
  }

  @Test("a loose signature by a managed key is accepted where no log is asked for, and the verdict says so")
  func looseManaged() throws {
    var world = World()
    let material = world.signWithManagedKey()
    let bundle = try Bundle(looseSignature: material.looseSignature)
    #expect(try world.judge(bundle).code == "log.missing")
    world.log = .unsafelyIgnored
    let answer = try world.judge(bundle)
    #expect(answer.code == Answer.accepted)
    #expect(answer.cautions == [.logIgnored])
    #expect(answer.verdict?.trace.first { $0.step == .log }?.result == .skipped)
    #expect(try world.judge(bundle, artifact: World.artifact + [0]).code == "signature.mismatch")
  }

  @Test("a certificate is no managed key, and the other way round")
  func kindsOfMaterial() throws {
    var world = World()
    let certified = world.sign()
    let managed = world.signWithManagedKey()
    #expect(try world.judge(certified.bundle()).code == "signature.keyUnexpected")
    #expect(try world.judge(managed.bundle()).code == Answer.accepted)
    world.managedKey = nil
    let answer = try world.judge(managed.bundle())
    #expect(answer.code == "signature.keyMissing")
    #expect(answer.step == .bundle)
  }

  @Test("a managed key that is not the signer's is refused", arguments: Shape.allCases)
  func otherManagedKey(shape: Shape) throws {
    var world = World()
    let material = world.signWithManagedKey()
    world.managedKey = VirtualKey(.p256, seed: "another")
    let answer = try world.judge(shape.render(material))
    #expect(answer.code == (shape == .legacy ? "signature.keyMismatch" : "signature.mismatch"))
    #expect(answer.step == (shape == .legacy ? .bundle : .signature))
  }

  @Test("no certificate log asked for: accepted without an SCT, and the verdict says so")
  func withoutCertificateLog() throws {
    var world = World()
    var request = world.leafRequest()
    request.sct.count = 0
    let bundle = world.sign(as: request).bundle()
    #expect(try world.judge(bundle).code == "sct.missing")
    world.certificateTimestamp = .unsafelyIgnored
    let answer = try world.judge(bundle)
    #expect(answer.code == Answer.accepted)
    #expect(answer.cautions == [.certificateTimestampIgnored])
  }

  @Test("without a log asked for, a bad entry of a trusted log is refused all the same")
  func ignoredLog() throws {
    var world = World()
    var bundle = world.sign().bundle()
    world.log = .unsafelyIgnored
    #expect(try world.judge(bundle).code == Answer.accepted)
    bundle["verificationMaterial.tlogEntries.0.inclusionProof.rootHash"] = .base64(Array(repeating: 7, count: 32))
    #expect(try world.judge(bundle).code == "log.rootMismatch")
  }

  @Test("an Ed25519 leaf signs messages, not digests: refused with the reason")
  func ed25519() throws {
    var world = World()
    let answer = try world.judge(world.sign(as: world.leafRequest(.ed25519)).bundle())
    #expect(answer.code == "signature.keyUnsupported")
    #expect(answer.step == .signature)
  }

  @Test("the hash of the key is enough, and without it the artifact is not judged")
  func digestsOnHand() throws {
    var world = World()
    let material = world.sign(as: world.leafRequest(.p384))
    let bundle = try Bundle(parsing: material.bundle().bytes)
    func code(_ algorithms: [HashAlgorithm]) throws -> String {
      let known = try ArtifactDigests(try algorithms.map { try digest($0, of: World.artifact) })
      return Answer(
        try world.verifier.verify(bundle, artifact: known, policy: try world.policy, at: UnixTime(seconds: world.clock))
      ).code
    }
    #expect(Verifier.hashAlgorithms(for: bundle) == [.sha256, .sha384])
    #expect(try code([.sha384]) == Answer.accepted)
    #expect(try code([.sha256]) == "signature.digestUnavailable")
  }
}
