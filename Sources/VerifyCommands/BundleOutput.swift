import FileSystem
import RekorCheck
import SigstoreBundle
import WireCoding

/// The file of `--write-bundle`.
enum BundleOutput {
  /// - Parameter digest: of the artifact.
  static func write(_ bundle: Bundle, digest: Digest?, to path: [UInt8]) throws(Refusal) {
    let label = inputLabel(path, .writeBundle)
    let bytes: [UInt8]
    do throws(BundleFailure) {
      bytes = try bundle.version3(
        kindVersions: bundle.logEntries.compactMap { (try? EntryBody(of: $0))?.kindVersion }, digest: digest)
    } catch { throw Refusal(CommandFailure(.bundleUnwritable, error.detail, place: error.place), input: label) }
    try OutputFile.write(bytes, to: path, .writeBundle)
  }
}

extension OutputFile {
  static func write(_ bytes: [UInt8], to path: [UInt8], _ flag: Flag) throws(Refusal) {
    do throws(SystemError) { try write(bytes, to: path) } catch {
      throw Refusal(CommandFailure(.unwritable, systemMessage(error.number)), input: inputLabel(path, flag))
    }
  }
}
