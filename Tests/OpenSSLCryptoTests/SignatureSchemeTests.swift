import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Signature schemes")
struct SignatureSchemeTests {
  /// A kind of key with the hash that it signs over.
  struct Case: Sendable, CustomStringConvertible {
    let kind: VirtualKey.Kind
    let hash: HashName
    let scheme: SignatureScheme
    var description: String { "\(kind) \(scheme.name)" }

    static let all: [Case] = {
      let hashes: [(HashName, HashAlgorithm)] = [(.sha256, .sha256), (.sha384, .sha384), (.sha512, .sha512)]
      let curves = [VirtualKey.Kind.p256, .p384, .p521].flatMap { kind in
        hashes.map { Case(kind: kind, hash: $0.0, scheme: .ecdsa($0.1)) }
      }
      let rsa = [VirtualKey.Kind.rsa2048, .rsa4096].flatMap { kind in
        hashes.map { Case(kind: kind, hash: $0.0, scheme: .rsaPKCS1v15($0.1)) }
      }
      return curves + rsa + [Case(kind: .ed25519, hash: .sha512, scheme: .ed25519)]
    }()
  }

  private static let message = Array("message".utf8)

  @Test("each accepts its genuine signature, and refuses another message, key or scheme", arguments: Case.all)
  func genuine(example: Case) throws {
    let virtual = VirtualKey(example.kind, seed: "s")
    let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
    let signature = virtual.sign(Self.message, hash: example.hash)
    #expect(try key.isValid(signature: signature, overMessage: Self.message, scheme: example.scheme))
    for other in [[], Self.message + [0], Self.message.dropLast(), [0] + Self.message] {
      #expect(try !key.isValid(signature: signature, overMessage: Array(other), scheme: example.scheme))
    }
    for other in Case.all where other.kind == example.kind && other.scheme != example.scheme {
      #expect(try !key.isValid(signature: signature, overMessage: Self.message, scheme: other.scheme))
    }
    guard virtual.subjectPublicKeyInfo != VirtualKey(example.kind, seed: "t").subjectPublicKeyInfo else { return }
    let stranger = try PublicKey(subjectPublicKeyInfo: VirtualKey(example.kind, seed: "t").subjectPublicKeyInfo)
    #expect(try !stranger.isValid(signature: signature, overMessage: Self.message, scheme: example.scheme))
  }

  @Test("an empty message is signed and verified like any other", arguments: Case.all)
  func emptyMessage(example: Case) throws {
    let virtual = VirtualKey(example.kind, seed: "s")
    let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
    let signature = virtual.sign([], hash: example.hash)
    #expect(try key.isValid(signature: signature, overMessage: [], scheme: example.scheme))
    #expect(try !key.isValid(signature: signature, overMessage: [0], scheme: example.scheme))
  }

  @Test("one bit of the digest or of the signature spoils it", arguments: Case.all)
  func flipped(example: Case) throws {
    let virtual = VirtualKey(example.kind, seed: "s")
    let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
    let signature = virtual.sign(Self.message, hash: example.hash)
    if let hash = example.scheme.hash {
      let bytes = try digest(hash, of: Self.message).bytes
      let good = try #require(Digest(hash, bytes))
      #expect(try key.isValid(signature: signature, over: good, scheme: example.scheme))
      // Curves take the leading bits alone: P-256 leaves the second half of a SHA-512 unread (FIPS 186-4, 6.4).
      let read = example.kind == .p256 ? 32 : example.kind == .p384 ? 48 : 64
      for index in stride(from: 0, to: min(bytes.count, read), by: 5) {
        var changed = bytes
        changed[index] ^= 0x10
        let digest = try #require(Digest(hash, changed))
        #expect(try !key.isValid(signature: signature, over: digest, scheme: example.scheme), "\(index)")
      }
    }
    for index in stride(from: 0, to: signature.count, by: signature.count > 200 ? 17 : 1) {
      for bit in [0x01, 0x80] as [UInt8] {
        var changed = signature
        changed[index] ^= bit
        do throws(CryptoFailure) {
          #expect(try !key.isValid(signature: changed, overMessage: Self.message, scheme: example.scheme), "\(index)")
        } catch {
          #expect(error.kind == .signatureMalformed, "\(index)")
        }
      }
    }
  }

  static let orders: [(VirtualKey.Kind, String)] = [
    (.p256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
    (.p384, "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
    (
      .p521,
      "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        + "fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
    ),
  ]

  private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    let width = max(left.count, right.count) + 1
    let (left, right) = (
      [UInt8](repeating: 0, count: width - left.count) + left, [UInt8](repeating: 0, count: width - right.count) + right
    )
    var (result, carry) = ([UInt8](repeating: 0, count: width), 0)
    for index in result.indices.reversed() {
      carry += Int(left[index]) + Int(right[index])
      result[index] = UInt8(carry & 0xff)
      carry >>= 8
    }
    return Array(result.drop { $0 == 0 })
  }

  @Test(
    "case 40: r and s of the order and above are refused, though they are the same number modulo the order",
    arguments: orders)
  func range(kind: VirtualKey.Kind, order: String) throws {
    let order = try Hex.decode(order)
    let virtual = VirtualKey(kind, seed: "s")
    let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
    let scheme = key.algorithm.defaultScheme
    let (r, s) = try DER.sequence(virtual.sign(Self.message)) { (numbers) throws(CodingFailure) in
      (try numbers.read(DERTag.integer).unsignedIntegerBytes(), try numbers.read(DERTag.integer).unsignedIntegerBytes())
    }
    func isValid(_ r: [UInt8], _ s: [UInt8]) throws -> Bool {
      let signature = DERWriter.sequence(DERWriter.integer(r), DERWriter.integer(s))
      return try key.isValid(signature: signature, overMessage: Self.message, scheme: scheme)
    }
    #expect(try isValid(r, s))
    #expect(try !isValid(Self.sum(r, order), s))
    #expect(try !isValid(r, Self.sum(s, order)))
    #expect(try !isValid(order, s))
    #expect(try !isValid(r, order))
    #expect(try !isValid(s, r))
    #expect(try !isValid([1], [1]))
  }

  @Test(
    "case 40: what is no ECDSA signature is malformed, not merely wrong",
    arguments: [
      [], [0x30], [0x30, 0x00], [0x30, 0x80, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00, 0x00],
      // r and s zero, negative, not in shortest form, empty, missing, of another type.
      [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01], [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00],
      [0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x01], [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x81],
      [0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x01], [0x30, 0x07, 0x02, 0x01, 0x01, 0x02, 0x02, 0x00, 0x01],
      [0x30, 0x05, 0x02, 0x00, 0x02, 0x01, 0x01], [0x30, 0x03, 0x02, 0x01, 0x01],
      [0x30, 0x06, 0x04, 0x01, 0x01, 0x02, 0x01, 0x01],
      // Bytes left over, behind and inside; a length in long form; another outer type; a length that is too long.
      [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00],
      [0x30, 0x09, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],
      [0x30, 0x81, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01], [0x31, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],
      [0x30, 0x07, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],
      // The form of other protocols: two numbers side by side.
      [UInt8](repeating: 1, count: 64),
      DERWriter.sequence(DERWriter.integer([UInt8](repeating: 1, count: 67)), DERWriter.integer([1])),
    ] as [[UInt8]])
  func malformed(bytes: [UInt8]) throws {
    let key = try PublicKey(subjectPublicKeyInfo: VirtualKey(.p256, seed: "s").subjectPublicKeyInfo)
    let failure = #expect(throws: CryptoFailure.self) {
      _ = try key.isValid(signature: bytes, overMessage: Self.message, scheme: .ecdsa(.sha256))
    }
    #expect(failure?.kind == .signatureMalformed)
  }

  @Test("case 40: an Ed25519 signature has 64 bytes, and a reduced number in its second half")
  func ed25519() throws {
    let virtual = VirtualKey(.ed25519, seed: "s")
    let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
    let signature = virtual.sign(Self.message)
    for wrong in [[], signature.dropLast(), signature + [0], [UInt8](repeating: 0, count: 63)] as [[UInt8]] {
      let failure = #expect(throws: CryptoFailure.self) {
        _ = try key.isValid(signature: wrong, overMessage: Self.message, scheme: .ed25519)
      }
      #expect(failure?.kind == .signatureMalformed)
    }
    #expect(try !key.isValid(signature: [UInt8](repeating: 0, count: 64), overMessage: Self.message, scheme: .ed25519))
    let order = try Hex.decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
    var (changed, carry) = (signature, 0)
    for index in order.indices {
      carry += Int(signature[32 + index]) + Int(order[index])
      changed[32 + index] = UInt8(carry & 0xff)
      carry >>= 8
    }
    #expect(try !key.isValid(signature: changed, overMessage: Self.message, scheme: .ed25519))
  }

  // MARK: Misuse

  static let kinds: [VirtualKey.Kind] = [.p256, .p384, .p521, .rsa2048, .ed25519]

  @Test("a scheme that is not the key's is misuse", arguments: kinds)
  func otherScheme(kind: VirtualKey.Kind) throws {
    let virtual = VirtualKey(kind, seed: "s")
    let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
    let signature = virtual.sign(Self.message)
    let isCurve = kind != .rsa2048 && kind != .ed25519
    for (scheme, isOwn) in [
      (.ecdsa(.sha256), isCurve), (.rsaPKCS1v15(.sha256), kind == .rsa2048), (.rsaPSS(.sha256), kind == .rsa2048),
      (.ed25519, kind == .ed25519),
    ] as [(SignatureScheme, Bool)] {
      do throws(CryptoFailure) {
        _ = try key.isValid(signature: signature, overMessage: Self.message, scheme: scheme)
        #expect(isOwn, "\(scheme.name)")
      } catch {
        #expect(!isOwn, "\(scheme.name)")
        #expect(error.kind == .schemeUnsupported)
      }
    }
  }

  @Test("a digest that is not the scheme's is misuse, and so is any for Ed25519")
  func otherDigest() throws {
    for (kind, scheme, hash) in [
      (.p256, .ecdsa(.sha256), .sha384), (.p384, .ecdsa(.sha384), .sha256), (.rsa2048, .rsaPKCS1v15(.sha256), .sha512),
      (.rsa2048, .rsaPSS(.sha512), .sha256), (.ed25519, .ed25519, .sha512),
    ] as [(VirtualKey.Kind, SignatureScheme, HashAlgorithm)] {
      let virtual = VirtualKey(kind, seed: "s")
      let key = try PublicKey(subjectPublicKeyInfo: virtual.subjectPublicKeyInfo)
      let failure = #expect(throws: CryptoFailure.self) {
        _ = try key.isValid(signature: virtual.sign(Self.message), over: digest(hash, of: Self.message), scheme: scheme)
      }
      #expect(failure?.kind == .schemeUnsupported)
    }
  }

  @Test("names and hashes")
  func names() {
    #expect(SignatureScheme.ecdsa(.sha384).name == "ECDSA with sha384")
    #expect(SignatureScheme.rsaPKCS1v15(.sha256).name == "RSA PKCS#1 v1.5 with sha256")
    #expect(SignatureScheme.rsaPSS(.sha512).name == "RSA-PSS with sha512")
    #expect(SignatureScheme.ed25519.name == "Ed25519")
    #expect(SignatureScheme.rsaPSS(.sha512).hash == .sha512)
    #expect(SignatureScheme.ed25519.hash == nil)
    #expect(
      [KeyAlgorithm.p256, .p384, .p521, .rsa(bits: 3072), .ed25519].map(\.name)
        == ["P-256", "P-384", "P-521", "RSA 3072", "Ed25519"])
  }
}
