import OpenSSLCrypto
import Testing
import WireCoding

@Suite("Names of Sigstore's algorithm registry")
struct KeyDetailsTests {
  private static let table: [(name: String, key: KeyAlgorithm, scheme: SignatureScheme)] = [
    ("PKIX_ECDSA_P256_SHA_256", .p256, .ecdsa(.sha256)), ("PKIX_ECDSA_P384_SHA_384", .p384, .ecdsa(.sha384)),
    ("PKIX_ECDSA_P521_SHA_512", .p521, .ecdsa(.sha512)), ("PKIX_ECDSA_P384_SHA_256", .p384, .ecdsa(.sha256)),
    ("PKIX_ECDSA_P521_SHA_256", .p521, .ecdsa(.sha256)), ("PKIX_ED25519", .ed25519, .ed25519),
    ("PKIX_RSA_PKCS1V15_2048_SHA256", .rsa(bits: 2048), .rsaPKCS1v15(.sha256)),
    ("PKIX_RSA_PSS_4096_SHA256", .rsa(bits: 4096), .rsaPSS(.sha256)),
  ]

  @Test("each names one kind of key and one scheme")
  func names() throws {
    for row in Self.table {
      let details = try #require(KeyDetails(named: row.name))
      #expect(details.scheme == row.scheme)
      #expect(!details.isPKCS1)
      for key in [.p256, .p384, .p521, .ed25519, .rsa(bits: 2048), .rsa(bits: 3072), .rsa(bits: 4096)]
        as [KeyAlgorithm]
      {
        #expect(details.fits(key) == (key == row.key), "\(row.name) \(key.name)")
      }
    }
  }

  @Test("the old names for RSA leave the size open, and one of them the wrapping away")
  func old() throws {
    for (name, isPKCS1) in [("PKCS1_RSA_PKCS1V5", true), ("PKIX_RSA_PKCS1V5", false)] {
      let details = try #require(KeyDetails(named: name))
      #expect(details.isPKCS1 == isPKCS1)
      #expect(details.fits(.rsa(bits: 2048)) && details.fits(.rsa(bits: 4096)) && !details.fits(.p256))
    }
  }

  @Test("other names say nothing", arguments: ["", "PKIX_ED25519_PH", "ML_DSA_65", "pkix_ed25519", "PKIX_ED25519 "])
  func unknown(name: String) {
    #expect(KeyDetails(named: name) == nil)
  }
}

@Suite("Ed25519 seeds")
struct Ed25519SeedTests {
  @Test("RFC 8032, 7.1: the public keys of tests 1 and 2")
  func publicKey() throws {
    for (seed, key) in [
      (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
      ),
      (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
      ),
    ] {
      #expect(Hex.encode(try ed25519PublicKey(seed: try Hex.decode(seed))) == key)
    }
  }

  @Test("a seed has 32 bytes", arguments: [0, 31, 33, 64])
  func length(count: Int) {
    #expect(throws: CryptoFailure.self) { try ed25519PublicKey(seed: [UInt8](repeating: 1, count: count)) }
  }
}
