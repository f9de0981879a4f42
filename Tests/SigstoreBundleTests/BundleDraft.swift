import SigstoreBundle
import VirtualSigstore

/// A good bundle with one part changed, and what the reader says to it.
enum BundleDraft {
  static let material: SignedMaterial = {
    var world = VirtualSigstore()
    return world.sign(Array("x".utf8))
  }()
  static let verification = "verificationMaterial"
  static let entry = "verificationMaterial.tlogEntries.0"

  /// With a timestamp of two bytes, so that every field is there.
  static func parse(
    _ version: SignedMaterial.Version = .v0_3, _ change: (inout JSONDraft) -> Void
  ) throws(BundleFailure) -> Bundle {
    var draft = material.bundle(version)
    draft[verification + ".timestampVerificationData"] = .object([
      ("rfc3161Timestamps", .array([.object([("signedTimestamp", .base64([1, 2]))])]))
    ])
    change(&draft)
    return try Bundle(parsing: draft.bytes)
  }

  /// The refusal; nil where the bundle is read.
  static func failure(
    _ version: SignedMaterial.Version = .v0_3, _ change: (inout JSONDraft) -> Void
  ) -> BundleFailure? {
    do throws(BundleFailure) {
      _ = try parse(version, change)
      return nil
    } catch { return error }
  }

  /// A draft's path as the reader prints it.
  static func place(_ path: String) -> String { "$." + path.replacing(".0", with: "[0]") }
}
