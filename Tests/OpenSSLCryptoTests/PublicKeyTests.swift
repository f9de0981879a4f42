import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Keys")
struct PublicKeyTests {
  typealias D = DERWriter

  /// The refusal of a SubjectPublicKeyInfo; nil where it is read.
  static func failure(_ encoding: [UInt8]) -> CryptoFailure.Kind? {
    do throws(CryptoFailure) {
      _ = try PublicKey(subjectPublicKeyInfo: encoding)
      return nil
    } catch { return error.kind }
  }

  private func failure(_ encoding: [UInt8]) -> CryptoFailure.Kind? { Self.failure(encoding) }

  @Test(
    "every accepted key is known by its kind",
    arguments: [
      (.p256, .p256, .ecdsa(.sha256)), (.p384, .p384, .ecdsa(.sha384)), (.p521, .p521, .ecdsa(.sha512)),
      (.rsa2048, .rsa(bits: 2048), .rsaPKCS1v15(.sha256)), (.rsa4096, .rsa(bits: 4096), .rsaPKCS1v15(.sha256)),
      (.ed25519, .ed25519, .ed25519),
    ] as [(VirtualKey.Kind, KeyAlgorithm, SignatureScheme)])
  func accepted(kind: VirtualKey.Kind, algorithm: KeyAlgorithm, scheme: SignatureScheme) throws {
    let encoding = VirtualKey(kind, seed: "k").subjectPublicKeyInfo
    let key = try PublicKey(subjectPublicKeyInfo: encoding)
    #expect(key.algorithm == algorithm)
    #expect(key.subjectPublicKeyInfo == encoding)
    #expect(algorithm.defaultScheme == scheme)
    #expect(KeyAlgorithm(subjectPublicKeyInfo: encoding) == algorithm)
  }

  static let kinds: [VirtualKey.Kind] = [.p256, .p384, .p521, .rsa2048, .ed25519]

  @Test("what is cut short or left over is malformed", arguments: kinds)
  func malformed(kind: VirtualKey.Kind) {
    let encoding = VirtualKey(kind, seed: "k").subjectPublicKeyInfo
    #expect(failure(encoding) == nil)
    #expect(failure(encoding + [0]) == .keyMalformed)
    for count in 0..<encoding.count { #expect(failure(Array(encoding.prefix(count))) == .keyMalformed, "\(count)") }
    #expect(KeyAlgorithm(subjectPublicKeyInfo: encoding + [0]) == nil)
  }

  /// DSA, Ed448, X25519, RSA for PSS alone, and none.
  @Test(
    "a key of another algorithm is unsupported",
    arguments: ["1.2.840.10040.4.1", "1.3.101.113", "1.3.101.110", "1.2.840.113549.1.1.10", "1.2.3"])
  func otherAlgorithm(identifier: String) {
    let encoding = D.sequence(D.sequence(D.identifier(identifier)), D.bits([UInt8](repeating: 9, count: 32)))
    #expect(failure(encoding) == .keyUnsupported)
    #expect(KeyAlgorithm(subjectPublicKeyInfo: encoding) == nil)
  }

  @Test("the key's BIT STRING holds whole bytes")
  func unusedBits() {
    let key = VirtualKey(.p256, seed: "k").subjectPublicKeyInfo
    let position = key.count - 66
    #expect(key[position] == 0)
    for unused in [1, 7, 8] as [UInt8] {
      var changed = key
      changed[position] = unused
      #expect(failure(changed) == .keyMalformed)
    }
  }

  // MARK: RSA

  private func rsa(_ key: [UInt8], parameters: [UInt8] = [0x05, 0x00]) -> [UInt8] {
    D.sequence(D.sequence(D.identifier("1.2.840.113549.1.1.1"), parameters), D.bits(key))
  }

  /// An odd modulus of so many bits; nobody knows its factors.
  private func modulus(_ bits: Int) -> [UInt8] {
    [UInt8(0x80 >> ((8 - bits % 8) % 8))] + [UInt8](repeating: 1, count: (bits + 7) / 8 - 1)
  }

  private let exponent: [UInt8] = [1, 0, 1]

  @Test(
    "case 40: RSA keys have 2048, 3072 or 4096 bits",
    arguments: [512, 1024, 2040, 2047, 2048, 2049, 2056, 3072, 4095, 4096, 4097, 8192, 16384])
  func rsaSizes(bits: Int) {
    let key = rsa(D.sequence(D.integer(modulus(bits)), D.integer(exponent)))
    let isAccepted = [2048, 3072, 4096].contains(bits)
    #expect(failure(key) == (isAccepted ? nil : .keyUnsupported))
    #expect(KeyAlgorithm(subjectPublicKeyInfo: key) == (isAccepted ? .rsa(bits: bits) : nil))
  }

  @Test("case 40: a genuine key of 1024 bits is refused")
  func rsa1024() {
    #expect(failure(VirtualKey(.rsa1024, seed: "").subjectPublicKeyInfo) == .keyUnsupported)
  }

  @Test(
    "case 40: RSA keys have the exponent 65537",
    arguments: [
      [0], [1], [2], [3], [17], [1, 0, 0], [1, 0, 2], [1, 0, 3], [1, 0, 1, 0], [1, 0, 0, 0, 1],
    ] as [[UInt8]])
  func rsaExponents(exponent: [UInt8]) {
    #expect(failure(rsa(D.sequence(D.integer(modulus(2048)), D.integer(exponent)))) == .keyUnsupported)
  }

  @Test("an RSA key is two whole numbers that are not negative, with NULL for parameters")
  func rsaForm() {
    let (n, e) = (D.integer(modulus(2048)), D.integer(exponent))
    let key = D.sequence(n, e)
    #expect(failure(rsa(key)) == nil)
    for wrong in [
      [], D.sequence(n), D.sequence(e, n, e), D.sequence(n, e, e), key + [0], D.sequence(D.octets(modulus(2048)), e),
      D.sequence(D.element(0x02, modulus(2048)), e), D.sequence(D.element(0x02, [0, 0] + modulus(2048)), e),
      D.sequence(n, D.element(0x02, [0, 1, 0, 1])), D.sequence(n, D.element(0x02, [])), D.set(n, e),
    ] {
      #expect(failure(rsa(wrong)) == .keyMalformed)
    }
    for parameters in [[], [0x05, 0x01, 0x00], D.identifier("1.2.3"), D.sequence(), [0x05, 0x00, 0x05, 0x00]] {
      #expect(failure(rsa(key, parameters: parameters)) == .keyMalformed, "\(parameters)")
    }
  }

  @Test("a bare RSA key becomes the same key as with its wrapping")
  func pkcs1() throws {
    let whole = VirtualKey(.rsa2048, seed: "").subjectPublicKeyInfo
    let bare = Array(whole.dropFirst(24))
    #expect(try PublicKey(pkcs1: bare).subjectPublicKeyInfo == whole)
    for (bytes, kind) in [
      (whole, .keyMalformed), (bare + [0], .keyMalformed), (bare.dropLast(), .keyMalformed), ([], .keyMalformed),
      (D.sequence(D.integer(modulus(1024)), D.integer(exponent)), .keyUnsupported),
      (D.sequence(D.integer(modulus(2048)), D.integer(3)), .keyUnsupported),
    ] as [([UInt8], CryptoFailure.Kind)] {
      let failure = #expect(throws: CryptoFailure.self) { _ = try PublicKey(pkcs1: bytes) }
      #expect(failure?.kind == kind)
    }
  }

  // MARK: Ed25519

  private func ed25519(_ key: [UInt8], parameters: [UInt8] = []) -> [UInt8] {
    D.sequence(D.sequence(D.identifier("1.3.101.112"), parameters), D.bits(key))
  }

  @Test("an Ed25519 key has 32 bytes, and no parameters")
  func ed25519Form() {
    let key = Array(VirtualKey(.ed25519, seed: "k").subjectPublicKeyInfo.suffix(32))
    #expect(failure(ed25519(key)) == nil)
    for wrong in [[], Array(key.dropLast()), key + [0], [0x40] + key] {
      #expect(failure(ed25519(wrong)) == .keyMalformed)
    }
    #expect(failure(ed25519(key, parameters: [0x05, 0x00])) == .keyMalformed)
  }

  @Test(
    "case 40: Ed25519 points of small order are refused, whatever their sign bit",
    arguments: [
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      // The first two again, as numbers above the field's prime.
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
  func smallOrder(hex: String) throws {
    var key = try Hex.decode(hex)
    #expect(failure(ed25519(key)) == .keyUnsupported)
    key[31] |= 0x80
    #expect(failure(ed25519(key)) == .keyUnsupported)
    #expect(failure(ed25519(key.dropLast())) == .keyMalformed)
  }
}
