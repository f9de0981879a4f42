import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import SigstoreTrust
import Testing
import VirtualSigstore
import WireCoding

@Suite("Trusted roots")
struct TrustedRootTests {
  private let world = VirtualSigstore()

  private func root(_ change: (inout JSONDraft) -> Void = { _ in }) throws -> TrustedRoot {
    var draft = world.trustedRoot()
    change(&draft)
    return try TrustedRoot(parsing: draft.bytes)
  }

  @Test("the embedded roots load whole", arguments: TrustedRoot.Instance.allCases)
  func embedded(instance: TrustedRoot.Instance) throws {
    let root = try TrustedRoot.embedded(instance)
    #expect(root.disabled.isEmpty, "\(root.disabled)")
    #expect(root.sourceDescription == instance.sourceDescription)
    #expect(!root.authorities.isEmpty)
    #expect(!root.certificateLogs.isEmpty)
    #expect(!root.transparencyLogs.isEmpty)
    #expect(!root.timestampAuthorities.isEmpty)
    #expect(try TrustedRoot.embedded(instance, timestamps: false).timestampAuthorities.isEmpty)
  }

  @Test("the production root holds the public log and CT log under their known ids")
  func production() throws {
    let root = try TrustedRoot.embedded(.production)
    let logs = root.transparencyLogs.map { Hex.encode($0.logID) }
    #expect(logs.contains("c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d"))
    let ct = root.certificateLogs.map { Hex.encode($0.logID) }
    #expect(ct.contains("dd3d306ac6c7113263191e1c99673702a24a5eb8de3cadff878a72802f29ee8e"))
  }

  @Test("case 54: absent lists load, and trust none")
  func absentLists() throws {
    #expect(try root { $0["tlogs"] = nil }.transparencyLogs.isEmpty)
    #expect(try root { $0["ctlogs"] = .raw("null") }.certificateLogs.isEmpty)
    #expect(try root { $0["certificateAuthorities"] = .array([]) }.authorities.isEmpty)
    #expect(try root().timestampAuthorities.isEmpty)
  }

  @Test("one unusable key disables its instance alone, and is named")
  func disabled() throws {
    let key = "tlogs.0.publicKey"
    for (field, value) in [
      ("\(key).rawBytes", JSONDraft.base64([1, 2, 3])), ("\(key).keyDetails", .text("ML_DSA_65")),
      ("\(key).keyDetails", .text("PKIX_ECDSA_P384_SHA_384")), ("tlogs.0.hashAlgorithm", .text("SHA2_512")),
    ] {
      let root = try root { $0[field] = value }
      #expect(root.transparencyLogs.isEmpty, "\(field)")
      #expect(root.certificateLogs.count == 1)
      #expect(root.disabled.count == 1)
      #expect(root.disabled.first?.hasPrefix("https://rekor.virtual.test: ") == true)
    }
    let broken = try root { $0["certificateAuthorities.0.certChain.certificates.0.rawBytes"] = .base64([0x30, 0]) }
    #expect(broken.authorities.isEmpty)
    #expect(broken.disabled.count == 1)
  }

  @Test("a PKCS#1 key is read without its wrapping, and its log id is over the wrapped form")
  func pkcs1() throws {
    let key = VirtualKey(.rsa2048, seed: "")
    // The last BIT STRING of the SubjectPublicKeyInfo holds the RSAPublicKey.
    let bare = Array(key.subjectPublicKeyInfo.dropFirst(24))
    let root = try root {
      $0["ctlogs.0.publicKey.rawBytes"] = .base64(bare)
      $0["ctlogs.0.publicKey.keyDetails"] = .text("PKCS1_RSA_PKCS1V5")
    }
    #expect(root.certificateLogs.first?.key.subjectPublicKeyInfo == key.subjectPublicKeyInfo)
  }

  @Test("case 21: a log without the start of its window, and other malformed roots, are refused whole")
  func malformed() {
    for change in [
      { $0["tlogs.0.publicKey.validFor.start"] = nil }, { $0["tlogs.0.publicKey.validFor"] = nil },
      { $0["mediaType"] = .text("application/json") }, { $0["mediaType"] = nil },
      { $0["tlogs.0.logId"] = nil }, { $0["tlogs.0.publicKey.validFor.start"] = .text("yesterday") },
      { $0["certificateAuthorities.0.certChain.certificates"] = .array([]) }, { $0["tlogs"] = .text("x") },
      { $0["ctlogs.0.publicKey.rawBytes"] = .text("!") },
    ] as [(inout JSONDraft) -> Void] {
      let failure = #expect(throws: BundleFailure.self) { _ = try root(change) }
      #expect(failure?.code == .rootMalformed)
    }
    for text in ["", "{}", "[]", "{\"mediaType\":1}"] {
      #expect(throws: BundleFailure.self) { _ = try TrustedRoot(parsing: Array(text.utf8)) }
    }
  }
}
