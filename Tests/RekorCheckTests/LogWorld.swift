import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import VirtualSigstore
import WireCoding

/// A virtual log and one signed artifact in it, as the product's values.
struct LogWorld {
  var world: VirtualSigstore
  var material: SignedMaterial

  init(_ world: VirtualSigstore = VirtualSigstore()) {
    self.world = world
    material = self.world.sign(Array("logged".utf8))
  }

  func log(
    window: TimeWindow = TimeWindow(start: UnixTime(seconds: 0), end: nil), key: VirtualKey? = nil,
    logID: [UInt8]? = nil,
    operator: String? = nil
  ) throws -> TransparencyLog {
    try TransparencyLog(
      name: world.rekor.host, logID: logID ?? world.rekor.logID,
      key: PublicKey(subjectPublicKeyInfo: (key ?? world.rekor.key).subjectPublicKeyInfo), validFor: window,
      operator: `operator`)
  }

  func bundle(_ version: SignedMaterial.Version = .v0_3, _ change: (inout JSONDraft) -> Void = { _ in }) throws
    -> Bundle
  {
    var draft = material.bundle(version)
    change(&draft)
    return try Bundle(parsing: draft.bytes)
  }

  /// The code with which the entries are refused; nil where they are accepted.
  func code(of bundle: Bundle, logs: [TransparencyLog]? = nil, minimum: Int = 1) throws -> RekorCode? {
    do throws(RekorFailure) {
      _ = try verifyLogEntries(of: bundle, logs: logs ?? [try! log()], minimum: minimum)
      return nil
    } catch {
      return error.code
    }
  }
}

let firstEntry = "verificationMaterial.tlogEntries.0"
