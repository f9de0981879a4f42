import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Keys and signatures")
struct PublicKeyTests {
  private let message = Array("message".utf8)

  private func failure(_ encoding: [UInt8]) -> CryptoFailure.Kind? {
    do throws(CryptoFailure) {
      _ = try PublicKey(subjectPublicKeyInfo: encoding)
      return nil
    } catch { return error.kind }
  }

  @Test(
    "every accepted key verifies its own signature, and nothing else",
    arguments: [
      (.p256, .p256, .ecdsa(.sha256)), (.p384, .p384, .ecdsa(.sha384)), (.p521, .p521, .ecdsa(.sha512)),
      (.rsa2048, .rsa(bits: 2048), .rsaPKCS1v15(.sha256)), (.ed25519, .ed25519, .ed25519),
    ] as [(VirtualKey.Kind, KeyAlgorithm, SignatureScheme)])
  func roundTrip(kind: VirtualKey.Kind, algorithm: KeyAlgorithm, scheme: SignatureScheme) throws {
    let virtual = VirtualKey(kind, seed: "k")
    let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
    #expect(key.algorithm == algorithm)
    #expect(algorithm.defaultScheme == scheme)
    #expect(KeyAlgorithm(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo) == algorithm)
    let signature = virtual.sign(message)
    #expect(try key.isValid(signature: signature, overMessage: message, scheme: scheme))
    #expect(try !key.isValid(signature: signature, overMessage: message + [0], scheme: scheme))
    var changed = signature
    changed[changed.count - 3] ^= 1
    #expect((try? key.isValid(signature: changed, overMessage: message, scheme: scheme)) != true)
    let other = VirtualKey(kind == .rsa2048 ? .p256 : kind, seed: "other")
    let stranger = try PublicKey(subjectPublicKeyInfo: other.subjectPublicKeyInfo)
    #expect(
      (try? stranger.isValid(signature: signature, overMessage: message, scheme: stranger.algorithm.defaultScheme))
        != true)
  }

  @Test("a P-384 key with SHA-256, and PSS in place of PKCS#1, are other schemes")
  func otherSchemes() throws {
    let virtual = VirtualKey(.p384, seed: "k")
    let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
    let short = virtual.sign(message, hash: .sha256)
    #expect(try key.isValid(signature: short, overMessage: message, scheme: .ecdsa(.sha256)))
    #expect(try !key.isValid(signature: short, overMessage: message, scheme: .ecdsa(.sha384)))
    let rsa = VirtualKey(.rsa2048, seed: "")
    let rsaKey = try PublicKey(subjectPublicKeyInfo: rsa.subjectPublicKeyInfo)
    #expect(try !rsaKey.isValid(signature: rsa.sign(message), overMessage: message, scheme: .rsaPSS(.sha256)))
  }

  @Test("a scheme that is not the key's, and a digest that is not the scheme's, are misuse")
  func wrongScheme() throws {
    let virtual = VirtualKey(.p256, seed: "k")
    let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
    let signature = virtual.sign(message)
    for scheme in [SignatureScheme.rsaPKCS1v15(.sha256), .rsaPSS(.sha256), .ed25519] {
      let failure = #expect(throws: CryptoFailure.self) {
        _ = try key.isValid(signature: signature, overMessage: message, scheme: scheme)
      }
      #expect(failure?.kind == .schemeUnsupported)
    }
    let failure = #expect(throws: CryptoFailure.self) {
      _ = try key.isValid(signature: signature, over: digest(.sha384, of: message), scheme: .ecdsa(.sha256))
    }
    #expect(failure?.kind == .schemeUnsupported)
  }

  @Test(
    "case 40: what is no ECDSA signature is malformed, not merely wrong",
    arguments: [
      [], [0x30], [0x30, 0x00], [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01],
      [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00],
      [0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x01], [0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x01],
      [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00], [0x30, 0x81, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],
      [0x30, 0x09, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01], [UInt8](repeating: 1, count: 64),
    ] as [[UInt8]])
  func malformedSignature(bytes: [UInt8]) throws {
    let key = try PublicKey(subjectPublicKeyInfo: VirtualKey(.p256, seed: "k").subjectPublicKeyInfo)
    let failure = #expect(throws: CryptoFailure.self) {
      _ = try key.isValid(signature: bytes, overMessage: message, scheme: .ecdsa(.sha256))
    }
    #expect(failure?.kind == .signatureMalformed)
  }

  @Test("case 40: numbers of the curve's order and above, and tiny ones, do not verify")
  func outOfRange() throws {
    let key = try PublicKey(subjectPublicKeyInfo: VirtualKey(.p256, seed: "k").subjectPublicKeyInfo)
    let order = try Hex.decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
    for number in [order, [1], [UInt8](repeating: 0xff, count: 32)] {
      let signature = DERWriter.sequence(DERWriter.integer(number), DERWriter.integer(number))
      #expect((try? key.isValid(signature: signature, overMessage: message, scheme: .ecdsa(.sha256))) != true)
    }
  }

  @Test("case 40: small, odd and unlisted keys are refused by name")
  func unsupportedKeys() throws {
    #expect(failure(VirtualKey(.rsa1024, seed: "").subjectPublicKeyInfo) == .keyUnsupported)
    func rsa(bits: Int, exponent: [UInt8]) -> [UInt8] {
      let modulus = [0x80] + [UInt8](repeating: 1, count: bits / 8 - 1)
      let key = DERWriter.sequence(DERWriter.integer(modulus), DERWriter.integer(exponent))
      return DERWriter.sequence(
        DERWriter.sequence(DERWriter.identifier("1.2.840.113549.1.1.1"), [5, 0]), DERWriter.bits(key))
    }
    #expect(failure(rsa(bits: 2048, exponent: [1, 0, 1])) == nil)
    for (bits, exponent) in [(2048, [1]), (2048, [3]), (2056, [1, 0, 1]), (1024, [1, 0, 1]), (8192, [1, 0, 1])]
      as [(Int, [UInt8])]
    {
      #expect(failure(rsa(bits: bits, exponent: exponent)) == .keyUnsupported, "\(bits) \(exponent)")
    }
    func curve(_ identifier: String, _ point: [UInt8]) -> [UInt8] {
      DERWriter.sequence(
        DERWriter.sequence(DERWriter.identifier("1.2.840.10045.2.1"), DERWriter.identifier(identifier)),
        DERWriter.bits(point))
    }
    let point = Array(VirtualKey(.p256, seed: "k").subjectPublicKeyInfo.suffix(65))
    #expect(failure(curve("1.2.840.10045.3.1.7", point)) == nil)
    #expect(failure(curve("1.3.132.0.10", point)) == .keyUnsupported)
    #expect(failure(curve("1.2.840.10045.3.1.7", [2] + point[1..<33])) == .keyUnsupported)
    #expect(failure(curve("1.3.132.0.34", point)) == .keyMalformed)
    var offCurve = point
    offCurve[64] ^= 1
    #expect(failure(curve("1.2.840.10045.3.1.7", offCurve)) == .keyMalformed)
    #expect(failure(curve("1.2.840.10045.3.1.7", [4] + [UInt8](repeating: 0, count: 64))) == .keyMalformed)
    #expect(failure(curve("1.2.840.10045.3.1.7", [0])) != nil)
    let explicit = DERWriter.sequence(
      DERWriter.sequence(DERWriter.identifier("1.2.840.10045.2.1"), DERWriter.sequence(DERWriter.integer(1))),
      DERWriter.bits(point))
    #expect(failure(explicit) == .keyUnsupported)
    #expect(failure(VirtualKey(.p256, seed: "k").subjectPublicKeyInfo + [0]) == .keyMalformed)
    #expect(failure([]) == .keyMalformed)
  }

  @Test(
    "case 40: Ed25519 points of small order are refused, whatever their sign bit",
    arguments: [
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
  func smallOrder(hex: String) throws {
    var key = try Hex.decode(hex)
    func encoding(_ key: [UInt8]) -> [UInt8] {
      DERWriter.sequence(DERWriter.sequence(DERWriter.identifier("1.3.101.112")), DERWriter.bits(key))
    }
    #expect(failure(encoding(key)) == .keyUnsupported)
    key[31] |= 0x80
    #expect(failure(encoding(key)) == .keyUnsupported)
    #expect(failure(encoding(key.dropLast())) == .keyMalformed)
  }

  @Test("case 40: an Ed25519 signature whose number is not reduced does not verify")
  func malleable() throws {
    let virtual = VirtualKey(.ed25519, seed: "k")
    let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
    let order = try Hex.decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
    var signature = virtual.sign(message)
    var carry = 0
    for index in 0..<32 {
      let sum = Int(signature[32 + index]) + Int(order[index]) + carry
      signature[32 + index] = UInt8(sum & 0xff)
      carry = sum >> 8
    }
    #expect(try !key.isValid(signature: signature, overMessage: message, scheme: .ed25519))
  }
}
