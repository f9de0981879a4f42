import SigstoreVerify
import VerdictReport
import WireCoding

/// A list of digests as `sha256sum`, `sha384sum` and `sha512sum` write it, in their own form or in BSD's:
///
///     <hex>  <name>        <hex> *<name>        SHA256 (<name>) = <hex>
struct ChecksumList {
  /// In bytes, of a list: 10 000 lines of 400.
  static let limit = 4 << 20
  private static let most = 10_000

  private struct Entry {
    let name: [UInt8]
    let digest: Digest
  }

  private let entries: [Entry]

  /// Strict: every line is one of the three forms, every name leads to or below the list's own folder and stands once, so that no line
  /// means something to one reader and nothing to another. Empty lines are left out.
  init(_ file: [UInt8]) throws(CommandFailure) {
    var entries: [Entry] = []
    var names: Set<[UInt8]> = []
    for (index, raw) in file.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
      let line = raw.last == 0x0d ? raw.dropLast() : raw
      guard !line.isEmpty else { continue }
      func refuse(_ detail: String) -> CommandFailure {
        CommandFailure(.checksumsMalformed, detail, place: "line \(index + 1)")
      }
      guard let entry = Self.plain(line) ?? Self.tagged(line) else { throw refuse("no digest with a name") }
      guard Self.isBelow(entry.name) else {
        throw refuse("a name that leads out of the list's folder, or holds control characters")
      }
      guard names.insert(entry.name).inserted else { throw refuse("a name that stands twice") }
      entries.append(entry)
      guard entries.count <= Self.most else { throw refuse("more than \(Self.most) files") }
    }
    guard !entries.isEmpty else { throw CommandFailure(.checksumsMalformed, "it names no file") }
    self.entries = entries
  }

  private static func plain(_ line: ArraySlice<UInt8>) -> Entry? {
    guard let blank = line.firstIndex(of: 0x20), blank + 1 < line.endIndex,
      [0x20, UInt8(ascii: "*")].contains(line[blank + 1]), let digest = digest(line[..<blank], as: nil)
    else { return nil }
    return Entry(name: Array(line[(blank + 2)...]), digest: digest)
  }

  private static func tagged(_ line: ArraySlice<UInt8>) -> Entry? {
    for (tag, algorithm) in [("SHA256 (", HashAlgorithm.sha256), ("SHA384 (", .sha384), ("SHA512 (", .sha512)] {
      let hexCount = algorithm.byteCount * 2
      let tail = Array(") = ".utf8)
      guard line.starts(with: tag.utf8), line.count > tag.utf8.count + tail.count + hexCount else { continue }
      let rest = line.dropFirst(tag.utf8.count)
      guard rest.dropLast(hexCount).suffix(tail.count).elementsEqual(tail),
        let digest = digest(rest.suffix(hexCount), as: algorithm)
      else { return nil }
      return Entry(name: Array(rest.dropLast(hexCount + tail.count)), digest: digest)
    }
    return nil
  }

  /// The number of digits tells the algorithm.
  private static func digest(_ hex: ArraySlice<UInt8>, as algorithm: HashAlgorithm?) -> Digest? {
    guard let bytes = try? Hex.decode(String(decoding: hex, as: UTF8.self)),
      let found = HashAlgorithm.allCases.first(where: { $0.byteCount == bytes.count }),
      algorithm == nil || algorithm == found
    else { return nil }
    return Digest(found, bytes)
  }

  private static func isBelow(_ name: [UInt8]) -> Bool {
    let parts = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return !name.isEmpty && name.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }
      && parts.allSatisfy { !$0.isEmpty && !$0.elementsEqual("..".utf8) }
  }

  // MARK: The files

  /// Verifies the files by the list, or those of them that are given. They lie in the list's folder.
  ///
  /// - Parameter tell: one report for each file, in the order of the list or of the arguments.
  func verify(_ only: [[UInt8]], besides list: [UInt8], silence: Int?, _ tell: (Report) -> Void) {
    let folder = list.lastIndex(of: UInt8(ascii: "/")).map { Array(list[...$0]) } ?? []
    let wanted: [(path: [UInt8], digest: Digest?)] =
      only.isEmpty
      ? entries.map { (folder + $0.name, $0.digest) }
      : only.map { path in (path, digest(of: path, in: folder)) }
    for (path, digest) in wanted {
      var report = Report(outcome: .refused(Refusal(CommandFailure(.checksumsNotListed)), further: []))
      if let digest { report = Self.compare(path, digest, silence) }
      report.subject = path
      tell(report)
    }
  }

  /// By the file's last name where the list stands in another folder than the argument says.
  private func digest(of path: [UInt8], in folder: [UInt8]) -> Digest? {
    let dot = Array("./".utf8)
    func plain(_ path: [UInt8]) -> [UInt8] { path.starts(with: dot) ? Array(path.dropFirst(2)) : path }
    let (wanted, folder) = (plain(path), plain(folder))
    guard wanted.starts(with: folder) else { return nil }
    let name = Array(wanted.dropFirst(folder.count))
    return entries.first { plain($0.name) == name }?.digest
  }

  private static func compare(_ path: [UInt8], _ digest: Digest, _ silence: Int?) -> Report {
    let hasher = BlobHasher(algorithms: [digest.algorithm], standardInput: -1, silence: silence)
    do throws(Refusal) {
      let found = try hasher.digests(of: .file(path))[digest.algorithm]
      guard found == digest else {
        throw Refusal(CommandFailure(.checksumsMismatch, got: found?.text, want: digest.text))
      }
      return Report(outcome: .listed(digest))
    } catch { return Report(outcome: .refused(error, further: [])) }
  }
}
