import OpenSSLCrypto
import Testing
import TimestampCheck
import VirtualSigstore
import WireCoding

/// What the authority's signature covers, and whose it must be.
@Suite("Signatures of timestamp tokens")
struct TokenSignatureTests {
  private typealias D = DERWriter
  private typealias Request = VirtualTSA.Request
  private let world = StampWorld()

  private func answer(_ change: (inout VirtualTSA.Request) -> Void) throws -> StampWorld.Answer {
    try world.answer(to: change)
  }

  @Test("every kind of key that signs with a hash", arguments: [VirtualKey.Kind.p256, .p384, .p521, .rsa2048])
  func keys(kind: VirtualKey.Kind) throws {
    let world = StampWorld(
      tsa: VirtualTSA(kind, seed: kind.rawValue, notBefore: StampWorld.now - 9, notAfter: StampWorld.now + 9))
    for hash in HashName.allCases { #expect(try world.answer { $0.digestHash = hash } == .accepted, "\(hash)") }
    #expect(try world.answer { $0.signingKey = VirtualKey(.p256, seed: "another") } == .refused(.untrusted))
  }

  @Test("an RSA signature may leave the hash to the digest algorithm; no other algorithm fits the key")
  func algorithms() throws {
    let window = (StampWorld.now - 9, StampWorld.now + 9)
    let rsa = StampWorld(tsa: VirtualTSA(.rsa2048, seed: "rsa", notBefore: window.0, notAfter: window.1))
    func rsaAlgorithm(_ last: Int) -> [UInt8] { D.sequence(D.identifier("1.2.840.113549.1.1.\(last)"), [0x05, 0x00]) }
    func ecdsa(_ last: Int) -> [UInt8] { D.sequence(D.identifier("1.2.840.10045.4.3.\(last)")) }
    #expect(try rsa.answer { $0.signatureAlgorithm = rsaAlgorithm(1) } == .accepted)
    #expect(try rsa.answer { $0.signatureAlgorithm = rsaAlgorithm(12) } == .accepted)
    // SHA-256 and SHA-1 where the digest is SHA-384; PSS; ECDSA.
    for wrong in [rsaAlgorithm(11), rsaAlgorithm(5), rsaAlgorithm(10), ecdsa(3)] {
      #expect(try rsa.answer { $0.signatureAlgorithm = wrong } == .refused(.untrusted))
    }
    #expect(try answer { $0.signatureAlgorithm = ecdsa(3) } == .accepted)
    for wrong in [ecdsa(2), ecdsa(4), D.sequence(D.identifier("1.2.840.10045.4.1")), rsaAlgorithm(12)] {
      #expect(try answer { $0.signatureAlgorithm = wrong } == .refused(.untrusted))
    }
  }

  @Test("case 27: an Ed25519 key signs no tokens here")
  func ed25519() throws {
    let world = StampWorld(
      tsa: VirtualTSA(.ed25519, seed: "ed", notBefore: StampWorld.now - 9, notAfter: StampWorld.now + 9))
    #expect(try world.answer { $0.signatureAlgorithm = nil } == .refused(.untrusted))
  }

  @Test("case 27: content under another digest than the signed one")
  func messageDigest() throws {
    #expect(try answer { $0.messageDigest = HashName.sha384([]) } == .refused(.untrusted))
    #expect(try answer { $0.messageDigest = [] } == .refused(.untrusted))
    // The time is changed, and digest, attributes and signature are left as they were.
    var stamp = world.stamp()
    let text = Array("\(StampWorld.nowText)Z".utf8)
    let position = try #require(stamp.indices.first { stamp[$0...].starts(with: text) })
    stamp[position + 13] ^= 1
    #expect(try world.answer(to: stamp) == .refused(.untrusted))
  }

  @Test("case 27: another key in the authority's name; the authority's own certificate does not help it")
  func otherKey() throws {
    let stranger = VirtualKey(.p384, seed: "stranger")
    let certificate = world.tsa.certificate
    #expect(try answer { $0.signingKey = stranger } == .refused(.untrusted))
    #expect(
      try answer {
        $0.signingKey = stranger
        $0.certificates = [certificate]
      } == .refused(.untrusted))
  }

  @Test("case 27: an attacker's certificate of the signer's name and number, in front or alone")
  func twin() throws {
    let twin = VirtualTSA(seed: "twin", notBefore: StampWorld.now - 1000, notAfter: StampWorld.now + 1000)
    let own = world.tsa.certificate
    // Alone it is that of another authority: what a token brings along has to be the certificate of the trusted root.
    for key in [world.tsa.key, twin.key] {
      #expect(
        try answer {
          $0.certificates = [twin.certificate]
          $0.signingKey = key
          $0.namedCertificate = twin.certificate
        } == .unknown)
    }
    var changed = own
    changed[changed.count - 1] ^= 1
    #expect(try answer { $0.certificates = [changed] } == .unknown)
    for certificates in [[own], [twin.certificate, own], [own, twin.certificate]] {
      #expect(try answer { $0.certificates = certificates } == .accepted)
      for named in [own, twin.certificate] {
        #expect(
          try answer {
            $0.certificates = certificates
            $0.signingKey = twin.key
            $0.namedCertificate = named
          } == .refused(.untrusted))
      }
    }
  }

  @Test("the signed attributes name the signer's certificate, under any accepted hash", arguments: HashName.allCases)
  func naming(hash: HashName) throws {
    let root = world.tsa.root.certificate
    #expect(try answer { $0.naming = .secondForm(hash) } == .accepted)
    #expect(
      try answer {
        $0.naming = .secondForm(hash)
        $0.namedCertificate = root
      } == .refused(.untrusted))
  }

  @Test("case 27: a certificate named by SHA-1 alone, or not at all")
  func weakNaming() throws {
    #expect(try answer { $0.naming = .firstForm } == .refused(.untrusted))
    #expect(
      try answer {
        $0.editAttributes = { $0.removeAll { $0.0 == Request.certificateV2 } }
      } == .refused(.tokenMalformed))
    // The second form decides where both are there.
    #expect(
      try answer {
        let weak = D.sequence(D.sequence(D.sequence(D.octets([UInt8](repeating: 0, count: 20)))))
        $0.editAttributes = { $0.append((Request.certificateV1, weak)) }
      } == .accepted)
  }

  @Test("what else may be signed along, and what must be")
  func attributes() throws {
    let signingTime = ("1.2.840.113549.1.9.5", D.time(StampWorld.now))
    #expect(try answer { $0.editAttributes = { $0.append(signingTime) } } == .accepted)
    #expect(try answer { $0.editAttributes = { $0.reverse() } } == .accepted)
    for type in [Request.contentTypeAttribute, Request.messageDigestAttribute, Request.certificateV2] {
      #expect(
        try answer { $0.editAttributes = { $0.removeAll { $0.0 == type } } } == .refused(.tokenMalformed), "\(type)")
      #expect(
        try answer { $0.editAttributes = { list in list += list.filter { $0.0 == type } } }
          == .refused(.tokenMalformed), "\(type) twice")
      #expect(
        try answer {
          $0.editAttributes = { list in
            list = list.map { $0.0 == type ? ($0.0, $0.1 + $0.1) : $0 }
          }
        } == .refused(.tokenMalformed), "\(type) of two values")
    }
    #expect(try answer { $0.editAttributes = { $0 = [] } } == .refused(.tokenMalformed))
  }

  @Test("case 44: the signed attributes have a limit")
  func manyAttributes() throws {
    func many(_ count: Int) -> @Sendable (inout [Request.Attribute]) -> Void {
      { list in for number in 0..<count { list.append(("1.2.3.\(number)", D.integer(1))) } }
    }
    #expect(try answer { $0.editAttributes = many(29) } == .accepted)
    #expect(try answer { $0.editAttributes = many(30) } == .refused(.tokenMalformed))
  }

  @Test("a signer named by key identifier")
  func keyIdentifier() throws {
    let identifier = [UInt8](repeating: 5, count: 20)
    let world = StampWorld(
      tsa: VirtualTSA(
        seed: "k", notBefore: StampWorld.now - 9, notAfter: StampWorld.now + 9,
        adjust: { $0.extensions.append(VirtualExtension("2.5.29.14", D.octets(identifier))) }))
    #expect(try world.answer { $0.signerKeyIdentifier = identifier } == .accepted)
    #expect(try world.answer { $0.signerKeyIdentifier = Array(identifier.dropLast()) } == .unknown)
    #expect(try world.answer { $0.signerKeyIdentifier = [] } == .unknown)
    // A certificate without the extension has no such name.
    #expect(try answer { $0.signerKeyIdentifier = identifier } == .unknown)
  }

  @Test("case 27: another serial number or issuer is another authority")
  func otherName() throws {
    for (serial, answer) in [(77, .accepted), (78, .unknown), (77 << 8, .unknown)] as [(UInt64, StampWorld.Answer)] {
      var tsa = world.tsa
      tsa.serial = serial
      let stamp = StampWorld(tsa: tsa).stamp()
      #expect(try world.answer(to: stamp) == answer)
    }
    var tsa = world.tsa
    tsa.root = VirtualAuthority("tsa-Root", seed: "a", notBefore: 0, notAfter: 9)
    #expect(try world.answer(to: StampWorld(tsa: tsa).stamp()) == .unknown)
  }
}
