import RekorCheck
import SigstoreBundle
import SigstoreVerify
import WireCoding

/// The signing material of a release as it was read, decoded.
struct SigningMaterial: Sendable {
  /// The file to keep, for later audits: the bundle as published. Nil for a loose pair, which proves nothing offline.
  let file: [UInt8]?
  let bundle: Bundle

  /// In bytes. Bundles have some 10 KB, loose files some 5.
  static let bundleLimit = 1 << 20
  static let looseLimit = 64 << 10

  /// Throws CosignFailed with the reader's code.
  init(bundle file: [UInt8]) throws(InstallFailure) {
    self.file = file
    do throws(BundleFailure) { bundle = try Bundle(parsing: file) } catch { throw .cosignFailed(error) }
  }

  init(signature: [UInt8], certificate: [UInt8]) throws(InstallFailure) {
    file = nil
    do throws(BundleFailure) {
      bundle = try Bundle(looseSignature: signature, certificate: certificate)
    } catch { throw .cosignFailed(error) }
  }
}

extension SigningMaterial {
  /// With what a log gave, as one bundle that needs no log any more; as it was where no log was asked.
  func completed(_ answer: ReleaseVerifier.Answer) -> SigningMaterial {
    guard answer.bundle.origin == .lookedUp, case .success(let bound) = answer.result,
      let bytes = try? answer.bundle.version3(
        kindVersions: answer.bundle.logEntries.compactMap { (try? EntryBody(of: $0))?.kindVersion },
        digest: bound.artifact.digest)
    else { return self }
    return SigningMaterial(file: bytes, bundle: answer.bundle)
  }

  private init(file: [UInt8], bundle: Bundle) {
    self.file = file
    self.bundle = bundle
  }
}

extension InstallFailure {
  /// A refusal of the readers below, before the recipe.
  static func cosignFailed(_ failure: Failure<some FailureCode>) -> InstallFailure {
    let what =
      failure.code.meaning + (failure.detail.map { ": \($0)" } ?? "") + (failure.place.map { " at \($0)" } ?? "")
    return .cosignFailed(what, code: failure.code.rawValue, expected: failure.want, presented: failure.got)
  }
}
