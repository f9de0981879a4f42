import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
@testable import SigstoreTrust
import Testing
import VirtualSigstore
import WireCoding

/// The literals in the sources are the files that were embedded, and the files hold what Sigstore's documents say.
@Suite("Embedded roots")
struct EmbeddedRootTests {
  private static func literal(_ instance: TrustedRoot.Instance) -> (json: StaticString, sha256: String) {
    switch instance {
    case .production: (EmbeddedRoot.production.trustedRoot, EmbeddedRoot.production.sha256)
    case .staging: (EmbeddedRoot.staging.trustedRoot, EmbeddedRoot.staging.sha256)
    }
  }

  @Test("the bytes in the sources are those of the recorded digest", arguments: TrustedRoot.Instance.allCases)
  func digest(instance: TrustedRoot.Instance) {
    let (json, recorded) = Self.literal(instance)
    let bytes = json.withUTF8Buffer { Array($0) }
    #expect(Encoding.hex(HashName.sha256(bytes)) == recorded)
    #expect(instance.sourceDescription.contains(recorded.prefix(16)))
  }

  @Test(
    "its own metadata leads to it, and the numbers in the sources are those of the metadata",
    arguments: TrustedRoot.Instance.allCases)
  func metadata(instance: TrustedRoot.Instance) throws {
    let embedded = instance.embedded
    // From the first that was ever embedded.
    let verified = try VerifiedPack(embedded.pack, roots: [embedded.pack.roots[0]])
    #expect(verified.versions == embedded.versions)
    #expect(verified.roles.first { $0.name == "root" }?.expires?.seconds == embedded.rootExpires)
    #expect(verified.refreshed.seconds == embedded.refreshed, "it was fresh when it was embedded")
    #expect(try TrustPack(parsing: embedded.pack.bytes) == embedded.pack)
  }

  @Test("an embedded root is read like any file of the same bytes", arguments: TrustedRoot.Instance.allCases)
  func sameAsFile(instance: TrustedRoot.Instance) throws {
    let bytes = Self.literal(instance).json.withUTF8Buffer { Array($0) }
    let (embedded, file) = (try TrustedRoot.embedded(instance), try TrustedRoot(parsing: bytes))
    #expect(embedded.transparencyLogs.map(\.logID) == file.transparencyLogs.map(\.logID))
    #expect(embedded.certificateLogs.map(\.logID) == file.certificateLogs.map(\.logID))
    #expect(embedded.authorities.map(\.name) == file.authorities.map(\.name))
    #expect(embedded.sourceDescription != file.sourceDescription)
  }

  @Test(
    "the id of a log follows from its key, that of a tiled log from its name too",
    arguments: TrustedRoot.Instance.allCases)
  func logIDs(instance: TrustedRoot.Instance) throws {
    let root = try TrustedRoot.embedded(instance)
    for log in root.transparencyLogs {
      let key = log.key.subjectPublicKeyInfo
      let expected =
        log.isTiled ? HashName.sha256(Array("\(log.name)\n".utf8) + [1] + key.suffix(32)) : HashName.sha256(key)
      #expect(log.logID == expected, "\(log.name)")
      #expect(log.keyHint == Array(expected.prefix(4)), "\(log.name)")
    }
    // One of staging's keys is PKCS#1; its id is over the SubjectPublicKeyInfo around it all the same.
    for log in root.certificateLogs { #expect(log.logID == HashName.sha256(log.key.subjectPublicKeyInfo)) }
  }

  @Test("production: who is in it, and how their chains are shaped")
  func production() throws {
    let root = try TrustedRoot.embedded(.production)
    #expect(root.authorities.map(\.certificates.count) == [1, 2])
    #expect(root.transparencyLogs.map(\.name).contains("rekor.sigstore.dev"))
    #expect(root.transparencyLogs.contains { $0.name == "rekor.sigstore.dev" && !$0.isTiled })
    #expect(root.certificateLogs.map(\.name).contains("ctfe.sigstore.dev/2022"))
  }

  @Test("staging: a log with a PKCS#1 key, and two authorities of one name")
  func staging() throws {
    let root = try TrustedRoot.embedded(.staging)
    #expect(root.certificateLogs.contains { if case .rsa = $0.key.algorithm { true } else { false } })
    #expect(Set(root.authorities.map(\.name)).count < root.authorities.count)
    #expect(root.transparencyLogs.contains { $0.isTiled })
  }

  @Test("case 38: the two instances share no key")
  func apart() throws {
    let (production, staging) = (try TrustedRoot.embedded(.production), try TrustedRoot.embedded(.staging))
    #expect(Set(production.transparencyLogs.map(\.logID)).isDisjoint(with: staging.transparencyLogs.map(\.logID)))
    #expect(Set(production.certificateLogs.map(\.logID)).isDisjoint(with: staging.certificateLogs.map(\.logID)))
    func certificates(_ root: TrustedRoot) -> Set<[UInt8]> {
      Set(root.authorities.flatMap { $0.certificates.map(\.der) })
    }
    #expect(certificates(production).isDisjoint(with: certificates(staging)))
  }
}
