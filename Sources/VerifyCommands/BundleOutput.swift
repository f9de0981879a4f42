import Glibc
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
    try WholeFile.write(bytes, to: path, .writeBundle)
  }
}

/// A file that is under its name only once it is whole.
enum WholeFile {
  static func write(_ bytes: [UInt8], to path: [UInt8], _ flag: Flag) throws(Refusal) {
    do throws(CommandFailure) { try replace(path, bytes) } catch {
      throw Refusal(error, input: inputLabel(path, flag))
    }
  }

  private static func replace(_ path: [UInt8], _ bytes: [UInt8]) throws(CommandFailure) {
    guard !path.contains(0) else { throw CommandFailure(.unwritable, "its name holds a NUL byte") }
    let name = (path + [0]).map { CChar(bitPattern: $0) }
    let temporary = (path + Array(".\(getpid()).new".utf8) + [0]).map { CChar(bitPattern: $0) }
    let descriptor = retrying { open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else { throw CommandFailure(.unwritable, systemMessage(errno)) }
    let isWritten = OutputChannel(descriptor: descriptor).write(String(decoding: bytes, as: UTF8.self))
    guard isWritten, fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, name) == 0 else {
      let reason = systemMessage(errno)
      unlink(temporary)
      throw CommandFailure(.unwritable, reason)
    }
  }
}
