import FulcioCert
import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

/// Leaves whose own bytes are at fault, whoever issued them.
@Suite("Leaves")
struct LeafTests {
  private let world = ChainWorld()
  private let purpose = "1.3.6.1.5.5.7.3.3"

  private func decodingCode(_ der: [UInt8]) -> FulcioCode? {
    do throws(FulcioFailure) {
      _ = try decodeLeaf(der)
      return nil
    } catch { return error.code }
  }

  /// A leaf of the trusted issuer with everything in order but what `change` makes of it.
  ///
  /// - Parameter key: DER SubjectPublicKeyInfo, well-formed or not.
  private func leaf(key: [UInt8]? = nil, _ change: (inout CertificateTemplate) -> Void = { _ in }) -> [UInt8] {
    let request = world.world.leafRequest()
    let issuer = world.world.fulcio.authorities[0]
    var template = CertificateTemplate(
      notBefore: request.notBefore, notAfter: request.notAfter,
      subjectPublicKeyInfo: key ?? request.key.subjectPublicKeyInfo)
    template.extensions = [.keyUsage([0]), .extendedKeyUsage([purpose]), .alternativeNames(request.names)]
    change(&template)
    return template.signed(issuer: issuer.name, key: issuer.key)
  }

  @Test("no leaf with any one bit changed leads to a trusted authority")
  func mutation() throws {
    let leaf = world.leaf()
    let authority = try world.authority()
    #expect(try world.code(leaf, authorities: [authority]) == nil)
    for position in leaf.indices {
      var changed = leaf
      changed[position] ^= UInt8(1 << (position % 8))
      let isAccepted: Bool
      do throws(FulcioFailure) {
        let times = [UnixTime(seconds: world.now)]
        _ = try verifyChain(leaf: decodeLeaf(changed), others: [], authorities: [authority], validAt: times)
        isAccepted = true
      } catch { isAccepted = false }
      #expect(!isAccepted, "byte \(position)")
    }
  }

  @Test("case 41: a leaf cut short or followed by a byte is malformed")
  func form() {
    let leaf = leaf()
    #expect(decodingCode(leaf) == nil)
    #expect(decodingCode(leaf + [0]) == .certificateMalformed)
    for count in leaf.indices { #expect(decodingCode(Array(leaf[..<count])) == .certificateMalformed, "\(count)") }
    #expect(decodingCode(Array(Encoding.pem("CERTIFICATE", leaf).utf8)) == .certificateMalformed)
    #expect(decodingCode([UInt8](repeating: 0x30, count: 70_000)) == .certificateMalformed)
  }

  @Test("only version 3 is read", arguments: [0, 1, 3, 255] as [UInt64])
  func version(number: UInt64) {
    #expect(decodingCode(leaf { $0.version = number }) == .certificateMalformed)
  }

  @Test("keys of every accepted kind", arguments: VirtualKey.Kind.allCases)
  func keys(kind: VirtualKey.Kind) throws {
    let key = VirtualKey(kind, seed: "leaf")
    #expect(decodingCode(leaf(key: key.subjectPublicKeyInfo)) == (kind == .rsa1024 ? .keyUnsupported : nil))
    #expect(try kind == .rsa1024 || world.code(leaf(key: key.subjectPublicKeyInfo)) == nil)
  }

  @Test("cases 40 and 84: a point under the name of another curve, or in another form")
  func points() {
    let good = VirtualKey(.p256, seed: "leaf").subjectPublicKeyInfo
    let point = Array(good.suffix(65))
    func key(_ algorithm: String, _ curve: [UInt8], _ point: [UInt8]) -> [UInt8] {
      DERWriter.sequence(DERWriter.sequence(DERWriter.identifier(algorithm), curve), DERWriter.bits(point))
    }
    let (ecdsa, p256) = ("1.2.840.10045.2.1", DERWriter.identifier("1.2.840.10045.3.1.7"))
    #expect(decodingCode(leaf(key: key(ecdsa, p256, point))) == nil)
    #expect(key(ecdsa, p256, point) == good)
    let compressed = [2 + (point[64] & 1)] + point[1...32]
    var offCurve = point
    offCurve[64] ^= 1
    for (encoded, what) in [
      // secp256k1, brainpoolP256r1: points of the same length.
      (key(ecdsa, DERWriter.identifier("1.3.132.0.10"), point), "secp256k1"),
      (key(ecdsa, DERWriter.identifier("1.3.36.3.3.2.8.1.1.7"), point), "brainpool"),
      (key(ecdsa, DERWriter.identifier("1.3.132.0.34"), point), "P-384"),
      (key("1.3.132.1.12", p256, point), "ECDH"), (key(ecdsa, [], point), "no curve"),
      (key(ecdsa, [0x05, 0x00], point), "an implicit curve"),
      (key(ecdsa, DERWriter.sequence(DERWriter.integer(1)), point), "explicit parameters"),
      (key(ecdsa, p256, compressed), "compressed"), (key(ecdsa, p256, [6 + (point[64] & 1)] + point[1...]), "hybrid"),
      (key(ecdsa, p256, offCurve), "off the curve"), (key(ecdsa, p256, [0]), "the point at infinity"),
      (key(ecdsa, p256, Array(point.dropLast())), "short"), (key(ecdsa, p256, point + [0]), "long"),
    ] {
      #expect(decodingCode(leaf(key: encoded)) == .keyUnsupported, "\(what)")
    }
  }

  @Test("cases 37 and 84: what the trusted authority may have signed and a leaf still must not be")
  func profile() throws {
    #expect(try world.code(leaf()) == nil)
    func code(_ extensions: [VirtualExtension]) throws -> FulcioCode? {
      try world.code(leaf { $0.extensions = extensions })
    }
    let (usage, purpose) = (VirtualExtension.keyUsage([0]), VirtualExtension.extendedKeyUsage([purpose]))
    #expect(try code([usage, purpose, .basicConstraints(isAuthority: false)]) == nil)
    #expect(try code([usage, purpose, .basicConstraints(isAuthority: true)]) == .notLeaf)
    #expect(try code([usage, purpose, .basicConstraints(isAuthority: true, pathLength: 0)]) == .notLeaf)
    #expect(try code([.keyUsage([0, 5]), purpose]) == .notLeaf)
    #expect(try code([.keyUsage([5]), purpose]) == .keyUsage)
    #expect(try code([.keyUsage([1]), purpose]) == .keyUsage)
    #expect(try code([purpose]) == .keyUsage)
    #expect(try code([usage]) == .ekuMissing)
    #expect(try code([usage, .extendedKeyUsage([])]) == .ekuMissing)
    #expect(try code([usage, .extendedKeyUsage(["1.3.6.1.5.5.7.3.8"])]) == .ekuMissing)
    #expect(try code([usage, .extendedKeyUsage(["1.3.6.1.5.5.7.3.30"])]) == .ekuMissing)
    #expect(try code([usage, .extendedKeyUsage([self.purpose], isCritical: true)]) == nil)
    let poison = VirtualExtension("1.3.6.1.4.1.11129.2.4.3", [0x05, 0x00])
    #expect(try code([usage, purpose, poison]) == .notLeaf)
  }

  @Test("the hash in the issuer's signature is one of SHA-2, whatever the issuer's key", arguments: HashName.allCases)
  func signatureHash(hash: HashName) throws {
    #expect(try world.code(leaf { $0.hash = hash }) == nil)
  }
}
