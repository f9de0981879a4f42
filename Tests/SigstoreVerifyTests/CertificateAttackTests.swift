import SigstoreBundle
import SigstoreTrust
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@Suite("Certificates: who vouches for the signer?")
struct CertificateAttackTests {
  /// A leaf as asked for.
  static func leaf(_ change: @escaping @Sendable (inout LeafRequest) -> Void) -> @Sendable (inout World) -> JSONDraft {
    { world in
      var request = world.leafRequest()
      change(&request)
      return world.sign(as: request).bundle()
    }
  }

  /// A bundle whose certificate, log entry included, is any DER at all; signed by `key`.
  static func signed(
    by key: VirtualKey, certificate: [UInt8], in world: inout World, others: [[UInt8]] = [], hash: HashName? = nil
  ) -> SignedMaterial {
    let hash = hash ?? key.defaultHash
    var material = world.sign()
    material.hash = hash
    material.signature = key.sign(World.artifact, hash: hash)
    material.verifier = .certificate(certificate)
    material.chain = others
    let body = VirtualRekor.hashedRekord(
      digest: hash(World.artifact), hash: hash, signature: material.signature, verifierPEM: material.verifier.pem)
    return world.log(body, for: material)
  }

  /// What Fulcio would put into a leaf, for a certificate that another key signs.
  static func template(_ world: World, _ key: [UInt8]) -> CertificateTemplate {
    var template = CertificateTemplate(
      notBefore: world.sigstore.now - 60, notAfter: world.sigstore.now + 540, subjectPublicKeyInfo: key)
    template.extensions = [
      .keyUsage([0]), .extendedKeyUsage(["1.3.6.1.5.5.7.3.3"]), .alternativeNames([.uri(VirtualSigstore.identity)]),
      .fulcio(1, VirtualSigstore.issuer), .fulcio(8, VirtualSigstore.issuer),
    ]
    return template
  }

  private static let signer = VirtualKey(.p256, seed: "attacker")

  /// Issues under an authority that the attacker made below the trusted intermediate, whose path length is 0.
  private static func subordinate(_ world: inout World, pathLength: UInt64?) -> SignedMaterial {
    let (trusted, now) = (world.sigstore.fulcio.authorities, world.sigstore.now)
    let below = VirtualAuthority(
      "subordinate", seed: "x", notBefore: now - 9000, notAfter: now + 9000, pathLength: pathLength,
      purposes: ["1.3.6.1.5.5.7.3.3"], under: trusted[0])
    world.sigstore.fulcio.authorities = [below] + trusted
    let material = world.sign()
    world.sigstore.fulcio.authorities = trusted
    return material
  }

  static let chains: [Attack] = [
    Attack("self-signed", .chain, "chain.noAuthority") { world in
      let certificate = template(world, signer.subjectPublicKeyInfo).signed(issuer: DERWriter.name(), key: signer)
      return signed(by: signer, certificate: certificate, in: &world).bundle()
    },
    Attack("self-signed in the authority's name", .chain, "chain.noAuthority") { world in
      let name = world.sigstore.fulcio.authorities[0].name
      var template = template(world, signer.subjectPublicKeyInfo)
      template.subject = name
      let certificate = template.signed(issuer: name, key: signer)
      return signed(by: signer, certificate: certificate, in: &world).bundle()
    },
    Attack("issued in the authority's name by another key", .chain, "chain.noAuthority") { world in
      let certificate = template(world, signer.subjectPublicKeyInfo).signed(
        issuer: world.sigstore.fulcio.authorities[0].name, key: VirtualKey(.p384, seed: "forger"))
      return signed(by: signer, certificate: certificate, in: &world).bundle()
    },
    Attack("one bit of the certificate's signature", .chain, "chain.noAuthority") { world in
      let certificate = world.sigstore.fulcio.issue(world.leafRequest())
      return signed(by: world.leafRequest().key, certificate: flipped(certificate), in: &world).bundle()
    },
    Attack("issued by another leaf", .chain, "chain.noAuthority") { world in
      let key = world.leafRequest().key
      let middle = world.sigstore.fulcio.issue(world.leafRequest())
      let certificate = template(world, signer.subjectPublicKeyInfo).signed(issuer: DERWriter.name(), key: key)
      return signed(by: signer, certificate: certificate, in: &world, others: [middle]).bundle(.v0_2)
    },
    Attack("the intermediate as leaf", .chain, "chain.notLeaf") { world in
      let authority = world.sigstore.fulcio.authorities[0]
      return signed(by: authority.key, certificate: authority.certificate, in: &world).bundle()
    },
    Attack("the root as leaf", .chain, "chain.notLeaf") { world in
      let authority = world.sigstore.fulcio.authorities[1]
      return signed(by: authority.key, certificate: authority.certificate, in: &world).bundle()
    },
    Attack("CA:TRUE", .chain, "chain.notLeaf", leaf { $0.isAuthority = true }),
    Attack("may sign certificates", .chain, "chain.notLeaf", leaf { $0.keyUsage = [0, 5] }),
    Attack("no digital signature", .chain, "chain.keyUsage", leaf { $0.keyUsage = [1] }),
    Attack("no extended key usage", .chain, "chain.ekuMissing", leaf { $0.purposes = nil }),
    Attack("for time stamping", .chain, "chain.ekuMissing", leaf { $0.purposes = ["1.3.6.1.5.5.7.3.8"] }),
    Attack("for any purpose", .chain, "chain.ekuMissing", leaf { $0.purposes = ["2.5.29.37.0"] }),
    Attack(
      "an unknown critical extension", .chain, "chain.criticalExtension",
      leaf { $0.extensions = [VirtualExtension("1.2.3.4", isCritical: true, [0x05, 0x00])] }),
    Attack(
      accepted: "an unknown extension that is not critical",
      leaf { $0.extensions = [VirtualExtension("1.2.3.4", [0x05, 0x00])] }),
    Attack(
      "a precertificate", .chain, "chain.notLeaf",
      leaf { $0.extensions = [VirtualExtension("1.3.6.1.4.1.11129.2.4.3", [0x05, 0x00])] }),
    Attack("an authority below a trusted one, brought by the bundle", .chain, "chain.noAuthority") { world in
      subordinate(&world, pathLength: nil).bundle(.v0_1)
    },
    Attack("an untrusted authority that the bundle does not bring", .chain, "chain.noAuthority") { world in
      subordinate(&world, pathLength: 0).bundle()
    },
    Attack("the bundle brings the trusted root", .chain, "chain.rootInBundle") { world in
      var material = world.sign()
      material.chain = world.sigstore.fulcio.authorities.map(\.certificate)
      return material.bundle(.v0_2)
    },
    Attack("the bundle brings a root of its own", .chain, "chain.rootInBundle") { world in
      let now = world.sigstore.now
      let root = VirtualAuthority("evil", seed: "x", notBefore: now - 9000, notAfter: now + 9000)
      let certificate = template(world, signer.subjectPublicKeyInfo).signed(issuer: root.name, key: root.key)
      return signed(by: signer, certificate: certificate, in: &world, others: [root.certificate]).bundle(.v0_1)
    },
    Attack("the bundle brings authorities of its own, without their root", .chain, "chain.noAuthority") { world in
      let now = world.sigstore.now
      let root = VirtualAuthority("evil", seed: "x", notBefore: now - 9000, notAfter: now + 9000)
      let middle = VirtualAuthority(
        "evil intermediate", seed: "x", notBefore: now - 9000, notAfter: now + 9000, under: root)
      let certificate = template(world, signer.subjectPublicKeyInfo).signed(issuer: middle.name, key: middle.key)
      return signed(by: signer, certificate: certificate, in: &world, others: [middle.certificate]).bundle(.v0_1)
    },
    Attack(accepted: "no chain: the trusted root holds its own") { world in
      var material = world.sign()
      material.chain = []
      return material.bundle(.v0_2)
    },
  ]

  @Test("case 37 and 80: forged chains, authorities as leaves, wrong usage", arguments: chains)
  func chain(attack: Attack) throws { try attack.check() }

  // MARK: Other worlds

  @Test("case 38: material of another Sigstore", arguments: Shape.allCases)
  func otherWorld(shape: Shape) throws {
    var other = VirtualSigstore(seed: "staging")
    let draft = shape.render(other.sign(World.artifact))
    var world = World()
    try world.judge(draft).expect("log.unknown", at: .log)
    // Even where the other's logs are trusted, its authority is not.
    world.editRoot = { root in
      root["tlogs"] = other.trustedRoot()["tlogs"]
      root["ctlogs"] = other.trustedRoot()["ctlogs"]
    }
    try world.judge(draft).expect("chain.noAuthority", at: .chain)
    world.editRoot = { $0 = other.trustedRoot() }
    try world.judge(draft).expect(Answer.accepted, at: nil)
  }

  @Test(
    "case 38: virtual material against the embedded roots", arguments: TrustedRoot.Instance.allCases, Shape.allCases)
  func embeddedRoot(instance: TrustedRoot.Instance, shape: Shape) throws {
    var world = World()
    let bundle = try Bundle(parsing: shape.render(world.sign()).bytes)
    let verdict = Verifier(anchors: TrustAnchors(try TrustedRoot.embedded(instance))).verify(
      bundle, artifact: try digests(World.artifact), policy: try world.policy, at: UnixTime(seconds: world.clock))
    Answer(verdict).expect("log.unknown", at: .log)
  }

  static let lists = ["tlogs", "ctlogs", "certificateAuthorities"]
  static let codes: [String: (String, Step)] = [
    "tlogs": ("log.unknown", .log), "ctlogs": ("sct.untrusted", .sct),
    "certificateAuthorities": ("chain.noAuthority", .chain),
  ]

  @Test(
    "case 54: a trusted root without logs or authorities loads, and trusts none", arguments: lists, [nil, "[]", "null"])
  func emptyRoot(list: String, value: String?) throws {
    var world = World()
    let draft = world.sign().bundle()
    world.editRoot = { $0[list] = value.map { .raw($0) } }
    let (code, step) = try #require(Self.codes[list])
    let answer = try world.judge(draft)
    answer.expect(code, at: step)
    #expect("\(answer)".contains("trusted root holds no"))
  }

  @Test("case 54: an empty root, and one whose keys cannot be used, trust nobody")
  func uselessRoot() throws {
    var world = World()
    let draft = world.sign().bundle()
    world.editRoot = { $0 = .object([("mediaType", $0["mediaType"] ?? .text(""))]) }
    try world.judge(draft).expect("log.unknown", at: .log)
    world.editRoot = { $0["tlogs.0.publicKey.keyDetails"] = .text("PKIX_ECDSA_P384_SHA_384") }
    #expect(try world.trustedRoot.disabled.count == 1)
    try world.judge(draft).expect("log.unknown", at: .log)
    world.editRoot = { $0["ctlogs.0.publicKey.rawBytes"] = .base64([1, 2, 3]) }
    try world.judge(draft).expect("sct.untrusted", at: .sct)
  }
}
