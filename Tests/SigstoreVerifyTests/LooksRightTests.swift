import SigstoreBundle
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

/// What a verifier that only looked right would let through.
@Suite("A verifier that looks right")
struct LooksRightTests {
  @Test("case 80: a self-signed certificate with the right name and issuer", arguments: Shape.allCases)
  func selfSigned(shape: Shape) throws {
    var world = World()
    let key = VirtualKey(.p256, seed: "attacker")
    let certificate = CertificateAttackTests.template(world, key.subjectPublicKeyInfo).signed(
      issuer: DERWriter.name(), key: key)
    var material = CertificateAttackTests.signed(by: key, certificate: certificate, in: &world)
    material.chain = []
    try world.judge(shape.render(material)).expect("chain.noAuthority", at: .chain)
  }

  @Test("case 81: no log entry", arguments: Shape.allCases)
  func noEntry(shape: Shape) throws {
    var world = World()
    for absent in [nil, JSONDraft.raw("null"), shape == .legacy ? .object([]) : .array([])] {
      var draft = shape.render(world.sign())
      draft[shape == .legacy ? "rekorBundle" : "verificationMaterial.tlogEntries"] = absent
      try world.judge(draft).expect("log.missing", at: .log)
      var managed = shape.render(world.signWithManagedKey())
      managed[shape == .legacy ? "rekorBundle" : "verificationMaterial.tlogEntries"] = absent
      try world.judge(managed).expect("log.missing", at: .log)
      world.managedKey = nil
    }
  }

  @Test("case 81: no trusted time", arguments: Shape.withProof)
  func noTime(shape: Shape) throws {
    var world = World()
    var draft = shape.render(world.sign())
    draft["verificationMaterial.tlogEntries.0.inclusionPromise"] = nil
    draft["verificationMaterial.tlogEntries.0.integratedTime"] = nil
    try world.judge(draft).expect("times.none", at: .times)
    // No log asked for is no permission to do without a time.
    world.log = .unsafelyIgnored
    try world.judge(draft).expect("times.none", at: .times)
    draft["verificationMaterial.tlogEntries"] = nil
    try world.judge(draft).expect("times.none", at: .times)
  }

  @Test("case 81: leaf expired at the trusted time", arguments: Shape.allCases)
  func expired(shape: Shape) throws {
    var world = World()
    var request = world.leafRequest()
    request.notBefore = world.sigstore.now - 700
    request.notAfter = world.sigstore.now - 100
    try world.judge(shape.render(world.sign(as: request))).expect("chain.notValidAtTime", at: .chain)
  }

  @Test("case 83: a certificate as PEM and as base64 of PEM gives the same verdict")
  func encodingsOfCertificate() throws {
    var world = World()
    let material = world.sign()
    let pem = Array(material.verifier.pem.utf8)
    let forms = [
      pem, material.looseCertificate, material.looseCertificate + [0x0a], [0x20, 0x0a] + pem + [0x0d, 0x0a],
    ]
    let bundles = try forms.map { try Bundle(looseSignature: material.looseSignature, certificate: $0) }
    #expect(Set(bundles).count == 1)
    #expect(bundles.first?.keyMaterial == .certificate(leaf: material.verifier.der, others: []))
    for bundle in bundles { try world.judge(bundle).expect("log.missing", at: .log) }
    for signature in [material.signature, material.looseSignature + [0x0a], [0x20] + material.looseSignature] {
      #expect(try Bundle(looseSignature: signature, certificate: pem) == bundles[0])
    }
  }

  @Test(
    "case 84: a DNS or e-mail name against a URI pattern",
    arguments: [
      AlternativeName.dns("github.com"), .email("https://github.com/example/plugin"), .dns(VirtualSigstore.identity),
    ])
  func otherKindOfName(name: AlternativeName) throws {
    var world = World()
    var request = world.leafRequest()
    request.names = [name]
    let draft = world.sign(as: request).bundle()
    world.identity = .pattern(try IdentityPattern("github.com"))
    try world.judge(draft).expect("identity.wrongType", at: .identity)
  }

  @Test("case 85: a bad bundle stays bad beside a good signature and certificate", arguments: Shape.allCases)
  func badBundleBesideGoodFiles(shape: Shape) throws {
    var world = World()
    var material = world.sign()
    let (signature, certificate) = (material.looseSignature, material.looseCertificate)
    material.promise = flipped(material.promise)
    let bundle = try Bundle(parsing: shape.render(material).bytes)
    #expect(throws: Never.self) { try bundle.checkAgreement(looseSignature: signature, certificate: certificate) }
    try world.judge(bundle).expect("log.promiseInvalid", at: .log)
  }

  @Test("case 85: one policy setting at a time is wrong, and each has its effect")
  func everySettingCounts() throws {
    let good = World()
    func code(_ change: (inout World) throws -> Void) throws -> String {
      var world = good
      let material = world.sign()
      try change(&world)
      return try world.judge(material.bundle()).code
    }
    #expect(try code { _ in } == Answer.accepted)
    #expect(try code { $0.identity = .exact("x") } == "identity.mismatch")
    #expect(try code { $0.identity = .pattern(try IdentityPattern("^x$")) } == "identity.mismatch")
    #expect(try code { $0.issuer = .exact("x") } == "identity.issuerMismatch")
    #expect(try code { $0.managedKey = VirtualKey(.p256, seed: "x") } == "signature.keyUnexpected")
    #expect(try code { $0.clock = 0 } == "times.inFuture")
    #expect(try code { $0.editRoot = { $0["tlogs"] = nil } } == "log.unknown")
    #expect(try code { $0.editRoot = { $0["ctlogs"] = nil } } == "sct.untrusted")
    #expect(try code { $0.editRoot = { $0["certificateAuthorities"] = nil } } == "chain.noAuthority")
  }
}
