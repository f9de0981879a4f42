import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import SigstoreTrust
import Testing
import VirtualSigstore
import WireCoding

/// Sigstore's table of key details: each name means one kind of key in one form; any other key under it is left out.
@Suite("Key details")
struct KeyDetailsTests {
  private static func rsa(bits: Int) -> [UInt8] {
    // Nobody signs with it: any odd number of the right length will do for a modulus.
    let modulus = [0xc0] + [UInt8](repeating: 0x5a, count: bits / 8 - 2) + [0x01]
    return DERWriter.sequence(DERWriter.integer(modulus), DERWriter.integer([1, 0, 1]))
  }

  private static func wrapped(_ key: [UInt8]) -> [UInt8] {
    DERWriter.sequence(
      DERWriter.sequence(DERWriter.identifier("1.2.840.113549.1.1.1"), [0x05, 0x00]), DERWriter.bits(key))
  }

  /// Kind of key by the name that the table gives it: DER as it stands in the file.
  private static let keys: [String: [UInt8]] = [
    "P-256": VirtualKey(.p256, seed: "k").subjectPublicKeyInfo,
    "P-384": VirtualKey(.p384, seed: "k").subjectPublicKeyInfo,
    "P-521": VirtualKey(.p521, seed: "k").subjectPublicKeyInfo,
    "Ed25519": VirtualKey(.ed25519, seed: "k").subjectPublicKeyInfo,
    "RSA 2048": wrapped(rsa(bits: 2048)), "RSA 3072": wrapped(rsa(bits: 3072)), "RSA 4096": wrapped(rsa(bits: 4096)),
    "RSA 1024": wrapped(rsa(bits: 1024)),
    "PKCS#1 2048": rsa(bits: 2048), "PKCS#1 4096": rsa(bits: 4096), "PKCS#1 1024": rsa(bits: 1024),
  ]

  private static let table: [String: Set<String>] = [
    "PKIX_ECDSA_P256_SHA_256": ["P-256"], "PKIX_ECDSA_P256_HMAC_SHA_256": ["P-256"],
    "PKIX_ECDSA_P384_SHA_384": ["P-384"], "PKIX_ECDSA_P521_SHA_512": ["P-521"], "PKIX_ED25519": ["Ed25519"],
    "PKIX_RSA_PKCS1V15_2048_SHA256": ["RSA 2048"], "PKIX_RSA_PKCS1V15_3072_SHA256": ["RSA 3072"],
    "PKIX_RSA_PKCS1V15_4096_SHA256": ["RSA 4096"],
    "PKCS1_RSA_PKCS1V5": ["PKCS#1 2048", "PKCS#1 4096"], "PKIX_RSA_PKCS1V5": ["RSA 2048", "RSA 3072", "RSA 4096"],
    "PKIX_ECDSA_P384_SHA_256": ["P-384"], "PKIX_ECDSA_P521_SHA_256": ["P-521"],
    "PKCS1_RSA_PSS": ["PKCS#1 2048", "PKCS#1 4096"], "PKIX_RSA_PSS": ["RSA 2048", "RSA 3072", "RSA 4096"],
    "PKIX_RSA_PSS_2048_SHA256": ["RSA 2048"], "PKIX_RSA_PSS_3072_SHA256": ["RSA 3072"],
    "PKIX_RSA_PSS_4096_SHA256": ["RSA 4096"],
    // Known to the registry and not supported.
    "PKIX_ED25519_PH": [],
    "LMS_SHA256": [], "LMOTS_SHA256": [], "ML_DSA_44": [], "ML_DSA_65": [], "ML_DSA_87": [],
    "PUBLIC_KEY_DETAILS_UNSPECIFIED": [], "pkix_ecdsa_p256_sha_256": [], "": [],
  ]

  private static let good = VirtualSigstore().trustedRoot()

  private func root(_ change: (inout JSONDraft) -> Void) throws -> TrustedRoot {
    var draft = Self.good
    change(&draft)
    return try TrustedRoot(parsing: draft.bytes)
  }

  @Test("each name takes its own kind of key, in its own form, and no other", arguments: table.keys.sorted())
  func eachName(details: String) throws {
    let accepted = try #require(Self.table[details])
    for (kind, key) in Self.keys {
      for list in ["tlogs", "ctlogs"] {
        let root = try root {
          $0["\(list).0.publicKey.rawBytes"] = .base64(key)
          $0["\(list).0.publicKey.keyDetails"] = .text(details)
        }
        let count = list == "tlogs" ? root.transparencyLogs.count : root.certificateLogs.count
        // Certificate timestamps know no PSS.
        let isAccepted = accepted.contains(kind) && !(list == "ctlogs" && details.contains("PSS"))
        #expect(count == (isAccepted ? 1 : 0), "\(details) with \(kind)")
        #expect(root.disabled.count == 1 - count)
        // The other lists are none the worse for it.
        #expect(root.authorities.count == 1)
        #expect(root.transparencyLogs.count + root.certificateLogs.count == 1 + count)
      }
    }
  }

  @Test("the number of an enum value in place of its name is not read")
  func number() {
    let failure = #expect(throws: BundleFailure.self) {
      _ = try root { $0["tlogs.0.publicKey.keyDetails"] = .raw("5") }
    }
    #expect(failure?.code == .rootMalformed)
  }

  @Test("a key on which nothing can be built: bytes behind it, none, another form")
  func unusable() throws {
    let key = try #require(Self.keys["P-256"])
    for bytes in [key + [0], Array(key.dropLast()), [0x30, 0x00], Array(key.suffix(65))] {
      let root = try root { $0["tlogs.0.publicKey.rawBytes"] = .base64(bytes) }
      #expect(root.transparencyLogs.isEmpty)
      #expect(root.disabled.count == 1)
    }
  }
}
