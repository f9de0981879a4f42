import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Values in Sigstore bundles")
struct ProtobufValueTests {
  private static let verification = BundleDraft.verification
  private static let entry = BundleDraft.entry

  static let numberFields = [
    entry + ".logIndex", entry + ".integratedTime", entry + ".inclusionProof.logIndex",
    entry + ".inclusionProof.treeSize",
  ]

  @Test("case 42: an int64 is text or a whole number", arguments: numberFields)
  func numbers(path: String) {
    for value in ["17", "\"17\"", "0", "9223372036854775807", "\"9223372036854775807\""] {
      #expect(BundleDraft.failure { $0[path] = .raw(value) } == nil, "\(value)")
    }
    for value in [
      "-1", "\"-1\"", "-0", "1.0", "\"1.0\"", "1.5", "1e2", "\"1e2\"", "9223372036854775808", "\"9223372036854775808\"",
      "\"18446744073709551615\"", "-9223372036854775808", "1e400", "\"\"", "\" 1\"", "\"01\"", "\"+1\"", "\"0x1\"",
      "\"NaN\"", "\"\u{661}\"",
    ] {
      let failure = BundleDraft.failure { $0[path] = .raw(value) }
      #expect(failure?.code == .numberRange, "\(value)")
      #expect(failure?.place == BundleDraft.place(path))
    }
    for value in ["true", "{}", "[]", "[1]"] {
      let failure = BundleDraft.failure { $0[path] = .raw(value) }
      #expect(failure?.code == .fieldInvalid, "\(value)")
      #expect(failure?.place == BundleDraft.place(path))
    }
    for value in ["NaN", "Infinity", "01", "+1", ".5", "1."] {
      #expect(BundleDraft.failure { $0[path] = .raw(value) }?.code == .json, "\(value)")
    }
  }

  @Test("a hash algorithm goes by its name, and its digest has its length")
  func digests() throws {
    let (algorithm, digest) = ("messageSignature.messageDigest.algorithm", "messageSignature.messageDigest.digest")
    for (name, hash) in [("SHA2_256", .sha256), ("SHA2_384", .sha384), ("SHA2_512", .sha512)]
      as [(String, HashAlgorithm)]
    {
      let bytes = [UInt8](repeating: 7, count: hash.byteCount)
      let bundle = try BundleDraft.parse {
        $0[algorithm] = .text(name)
        $0[digest] = .base64(bytes)
      }
      #expect(bundle.content.digest == Digest(hash, bytes))
      for wrong in [bytes + [0], bytes.dropLast(), []] {
        let failure = BundleDraft.failure {
          $0[algorithm] = .text(name)
          $0[digest] = .base64(Array(wrong))
        }
        #expect(failure?.code == .fieldInvalid)
        #expect(failure?.place == BundleDraft.place(digest))
      }
    }
    for value in [
      "1", "2", "\"1\"", "\"\"", "\"sha256\"", "\"SHA256\"", "\"sha2_256\"", "\"HASH_ALGORITHM_UNSPECIFIED\"",
      "\"SHA3_256\"",
    ] {
      let failure = BundleDraft.failure { $0[algorithm] = .raw(value) }
      #expect(failure?.code == .fieldInvalid, "\(value)")
      #expect(failure?.place == BundleDraft.place(algorithm))
    }
  }

  static let byteFields = [
    verification + ".certificate.rawBytes",
    verification + ".timestampVerificationData.rfc3161Timestamps.0.signedTimestamp",
    entry + ".logId.keyId", entry + ".inclusionPromise.signedEntryTimestamp", entry + ".inclusionProof.rootHash",
    entry + ".inclusionProof.hashes.0", entry + ".canonicalizedBody", "messageSignature.signature",
    "messageSignature.messageDigest.digest",
  ]

  @Test("case 43: bytes are strict base64 wherever they stand", arguments: byteFields)
  func base64(path: String) {
    for text in [
      "YQ", "YQ=", "YR==", "YWI", "YWJ=", "-_8=", "-_-_", "Y Q=", "YQ==\n", "\nYQ==", "YQ== ", "YQ==YQ==", "!", "=",
      "====",
    ] {
      let failure = BundleDraft.failure { $0[path] = .text(text) }
      #expect(failure?.code == .base64, "\(text)")
      #expect(failure?.place == BundleDraft.place(path))
    }
    for value in ["1", "[1,2]", "{}", "true"] {
      let failure = BundleDraft.failure { $0[path] = .raw(value) }
      #expect(failure?.code == .fieldInvalid, "\(value)")
      #expect(failure?.place == BundleDraft.place(path))
    }
  }

  @Test(
    "hashes and log ids have 32 bytes",
    arguments: [entry + ".logId.keyId", entry + ".inclusionProof.rootHash", entry + ".inclusionProof.hashes.0"])
  func lengths(path: String) {
    for (count, isAccepted) in [(0, false), (20, false), (31, false), (32, true), (33, false), (64, false)] {
      let failure = BundleDraft.failure { $0[path] = .base64([UInt8](repeating: 9, count: count)) }
      #expect(failure?.code == (isAccepted ? nil : .fieldInvalid), "\(count)")
      #expect(failure?.place == (isAccepted ? nil : BundleDraft.place(path)))
    }
  }

  @Test(
    "an empty signature and an empty promise are named",
    arguments: ["messageSignature.signature", entry + ".inclusionPromise.signedEntryTimestamp"])
  func emptySignatures(path: String) {
    let failure = BundleDraft.failure { $0[path] = .text("") }
    #expect(failure?.code == .signatureEmpty)
    #expect(failure?.place == BundleDraft.place(path))
  }
}
