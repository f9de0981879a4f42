import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Keys on curves")
struct CurveKeyTests {
  typealias D = DERWriter

  static let p256 = "1.2.840.10045.3.1.7"

  private func failure(_ parameters: [UInt8], _ point: [UInt8]) -> CryptoFailure.Kind? {
    PublicKeyTests.failure(
      D.sequence(D.sequence(D.identifier("1.2.840.10045.2.1"), parameters), D.bits(point)))
  }

  private func failure(_ identifier: String, _ point: [UInt8]) -> CryptoFailure.Kind? {
    failure(D.identifier(identifier), point)
  }

  private static func point(_ kind: VirtualKey.Kind, _ length: Int) -> [UInt8] {
    Array(VirtualKey(kind, seed: "k").subjectPublicKeyInfo.suffix(length))
  }

  static let curves: [(VirtualKey.Kind, String, Int)] = [
    (.p256, p256, 65), (.p384, "1.3.132.0.34", 97), (.p521, "1.3.132.0.35", 133),
  ]

  @Test("case 40: a point is uncompressed, of its curve's length, and on it", arguments: curves)
  func points(kind: VirtualKey.Kind, identifier: String, length: Int) {
    let point = Self.point(kind, length)
    let coordinate = (length - 1) / 2
    let parity = point[length - 1] & 1
    #expect(failure(identifier, point) == nil)
    for form in [2, 3] as [UInt8] {
      #expect(failure(identifier, [form] + point[1...coordinate]) == .keyUnsupported)
    }
    #expect(failure(identifier, [6 + parity] + point.dropFirst()) == .keyUnsupported)
    #expect(failure(identifier, [0]) == .keyUnsupported)
    #expect(failure(identifier, []) == .keyUnsupported)
    #expect(failure(identifier, Array(point.dropLast())) == .keyMalformed)
    #expect(failure(identifier, point + [0]) == .keyMalformed)
    #expect(failure(identifier, [4] + [UInt8](repeating: 0, count: length - 1)) == .keyMalformed)
    #expect(failure(identifier, [4] + [UInt8](repeating: 0xff, count: length - 1)) == .keyMalformed)
    for index in [1, coordinate, coordinate + 1, length - 1] {
      var changed = point
      changed[index] ^= 1
      #expect(failure(identifier, changed) == .keyMalformed, "\(index)")
    }
  }

  /// The point whose x is 5, and the same number modulo the field's prime.
  @Test("case 40: a coordinate is below the field's prime")
  func reducedCoordinate() throws {
    let y = try Hex.decode("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc")
    let five = [UInt8](repeating: 0, count: 31) + [5]
    #expect(failure(Self.p256, [4] + five + y) == nil)
    let wrapped = try Hex.decode("ffffffff00000001000000000000000000000001000000000000000000000004")
    #expect(failure(Self.p256, [4] + wrapped + y) == .keyMalformed)
  }

  @Test("cases 40 and 84: a curve is one of three, and given by its name")
  func parameters() {
    let point = Self.point(.p256, 65)
    #expect(failure(Self.p256, point) == nil)
    // secp256k1, prime192v1, brainpoolP256r1, SM2.
    for identifier in ["1.3.132.0.10", "1.2.840.10045.3.1.1", "1.3.36.3.3.2.8.1.1.7", "1.2.156.10197.1.301"] {
      #expect(failure(identifier, point) == .keyUnsupported, "\(identifier)")
    }
    #expect(failure("1.3.132.0.34", point) == .keyMalformed)
    #expect(failure([0x05, 0x00], point) == .keyUnsupported)
    #expect(failure([] as [UInt8], point) == .keyUnsupported)
    #expect(failure(D.identifier(Self.p256) + [0x05, 0x00], point) == .keyMalformed)
  }

  /// RFC 3279, 2.3.5: all of P-256 as numbers, which a lax reader takes for P-256 itself, and with another generator for
  /// a key whose owner is anybody (CVE-2020-0601).
  @Test("case 40: explicit parameters are refused, even those of P-256", arguments: [true, false])
  func explicitParameters(isTrueGenerator: Bool) throws {
    let prime = try Hex.decode("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
    let a = try Hex.decode("ffffffff00000001000000000000000000000000fffffffffffffffffffffffc")
    let b = try Hex.decode("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
    let order = try Hex.decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
    let x = try Hex.decode("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
    let y = try Hex.decode("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
    let point = Self.point(.p256, 65)
    let generator = isTrueGenerator ? [4] + x + y : point
    let parameters = D.sequence(
      D.integer(1), D.sequence(D.identifier("1.2.840.10045.1.1"), D.integer(prime)),
      D.sequence(D.octets(a), D.octets(b)), D.octets(generator), D.integer(order), D.integer(1))
    #expect(failure(parameters, point) == .keyUnsupported)
  }
}
