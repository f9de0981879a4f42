import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("RSA paddings")
struct RSAPaddingTests {
  private static let virtual = VirtualKey(.rsa2048, seed: "")
  private let message = Array("message".utf8)
  private let key: PublicKey

  init() throws { key = try PublicKey(subjectPublicKeyInfo: Self.virtual.subjectPublicKeyInfo) }

  private func isValid(_ signature: [UInt8], _ scheme: SignatureScheme) throws -> Bool {
    try key.isValid(signature: signature, overMessage: message, scheme: scheme)
  }

  @Test("case 40: PKCS#1 v1.5 has one padding", arguments: RSAPaddingVectors.pkcs1)
  func pkcs1(name: String, text: String) throws {
    let signature = try Base64.decode(text)
    #expect(try isValid(signature, .rsaPKCS1v15(.sha256)) == (name == "genuine"))
    #expect(try !isValid(signature, .rsaPKCS1v15(.sha384)))
    #expect(try !isValid(signature, .rsaPKCS1v15(.sha512)))
    #expect(try !isValid(signature, .rsaPSS(.sha256)))
    if name == "genuine" { #expect(signature == Self.virtual.sign(message)) }
  }

  @Test("case 40: PSS takes any length of salt, and one mask", arguments: RSAPaddingVectors.pss)
  func pss(name: String, text: String) throws {
    let signature = try Base64.decode(text)
    #expect(try isValid(signature, .rsaPSS(.sha256)) == name.contains("salt"))
    #expect(try isValid(signature, .rsaPSS(.sha512)) == (name == "over SHA-512"))
    #expect(try !isValid(signature, .rsaPKCS1v15(.sha256)))
    #expect(try !key.isValid(signature: signature, overMessage: message + [0], scheme: .rsaPSS(.sha256)))
  }

  @Test("case 40: a signature is as long as the modulus, and below it")
  func range() throws {
    // RSAPublicKey ::= SEQUENCE { modulus INTEGER, ... }, behind 24 bytes of SubjectPublicKeyInfo.
    let modulus = try DER.sequence(Array(Self.virtual.subjectPublicKeyInfo.dropFirst(24))) {
      (fields) throws(CodingFailure) in
      defer { _ = try? fields.read() }
      return try fields.read(DERTag.integer).unsignedIntegerBytes()
    }
    #expect(modulus.count == 256)
    var congruent = 0
    for number in 0..<40 as Range<UInt8> {
      let signature = Self.virtual.sign([number])
      #expect(try key.isValid(signature: signature, overMessage: [number], scheme: .rsaPKCS1v15(.sha256)))
      var (sum, carry) = ([UInt8](repeating: 0, count: 256), 0)
      for index in sum.indices.reversed() {
        carry += Int(signature[index]) + Int(modulus[index])
        sum[index] = UInt8(carry & 0xff)
        carry >>= 8
      }
      // The same number modulo the modulus, where it still has as many bytes.
      if carry == 0 { congruent += 1 }
      let wrongs: [[UInt8]] = [
        (carry == 0 ? [] : [1]) + sum, [0] + signature, signature + [0], Array(signature.dropLast()),
        Array(signature.dropFirst()), [],
      ]
      for wrong in wrongs {
        #expect(try !key.isValid(signature: wrong, overMessage: [number], scheme: .rsaPKCS1v15(.sha256)))
      }
    }
    #expect(congruent > 0)
    for byte in [0x00, 0xff] as [UInt8] {
      #expect(try !isValid([UInt8](repeating: byte, count: 256), .rsaPKCS1v15(.sha256)))
      #expect(try !isValid([UInt8](repeating: byte, count: 256), .rsaPSS(.sha256)))
    }
    #expect(try !isValid([UInt8](repeating: 0, count: 255) + [1], .rsaPKCS1v15(.sha256)))
    #expect(try !isValid(modulus, .rsaPKCS1v15(.sha256)))
  }
}
