"""Archives that are safe to unpack: sizes measured and capped, no name that leads out."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from backwalk_stats.loaders.sheets.safe_xml import unsound

MAX_MEMBERS = 2_000
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 100
SMALL = 1024 * 1024  # below this a high ratio does no harm: an empty styles part has one
CHUNK = 1024 * 1024
LOCAL_HEADER = 30  # bytes before the name in a member's own header
LEADS_OUT = re.compile(r"(?:^|[\\/])\.\.(?:[\\/]|$)|^[\\/]|^[A-Za-z]:|\0")


def check_archive(content: bytes, *, file: str) -> zipfile.ZipFile:
    """Return an archive whose members have been measured.

    Each member is unpacked once, in pieces that are thrown away: a size that the archive declares
    is not believed.

    Parameters
    ----------
    content : bytes
        The whole archive.
    file : str
        For messages.

    Raises
    ------
    InputError
        If it is damaged or encrypted, a name leads out of the archive or occurs twice, a member
        is not of its declared size, or more is unpacked than the caps allow.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise unsound(file, "a damaged archive", "Save the workbook anew") from error
    found = _listing_fault(members, size=len(content))
    if found:
        raise unsound(file, found, "Open it in a spreadsheet and save it anew as .xlsx")
    room = MAX_UNPACKED
    for member in members:
        room -= _measured(content, member, room=room, file=file)
        try:
            archive.open(member).close()  # compares the member's own header with the listing
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise unsound(file, "a damaged archive", "Save the workbook anew") from error
    return archive


def _listing_fault(members: list[zipfile.ZipInfo], *, size: int) -> str:
    """Return what is wrong with what the archive says of itself, "" where nothing is."""
    names = [member.filename for member in members]
    packed = sum(member.compress_size for member in members)
    unpacked = sum(member.file_size for member in members)
    known = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    # ZipInfo has replaced what follows a NUL and the system's separator: ask the name as stored.
    stored = [member.orig_filename for member in members]
    faults = (
        (len(members) > MAX_MEMBERS, f"an archive of more than {MAX_MEMBERS} parts"),
        (any(map(LEADS_OUT.search, stored)), "an archive with a name that leads out of it"),
        (len(set(names)) < len(names), "an archive with two parts of one name"),
        (any(member.flag_bits & 1 for member in members), "an encrypted archive"),
        (any(member.compress_type not in known for member in members), "an unusual compression"),
        (packed > size, "an archive whose parts overlap"),
        (unpacked > MAX_UNPACKED, f"more than {MAX_UNPACKED // 2**20} MB when unpacked"),
        (
            unpacked > max(SMALL, MAX_RATIO * packed),
            f"an archive that unpacks to more than {MAX_RATIO} times its size",
        ),
    )
    return next((found for wrong, found in faults if wrong), "")


def _measured(content: bytes, member: zipfile.ZipInfo, *, room: int, file: str) -> int:
    """Return the size of a member as unpacked; raise where it is not the declared one."""
    start = member.header_offset
    lengths = content[start + 26 : start + LOCAL_HEADER]
    begin = start + LOCAL_HEADER
    begin += int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    packed = content[begin : begin + member.compress_size]
    total, check = len(packed), zlib.crc32(packed)
    if member.compress_type == zipfile.ZIP_DEFLATED:
        total = check = 0
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        while packed and not unpacker.eof and total <= min(member.file_size, room):
            try:
                piece = unpacker.decompress(packed, CHUNK)
            except zlib.error as error:
                raise unsound(file, "a damaged archive", "Save the workbook anew") from error
            total, check = total + len(piece), zlib.crc32(piece, check)
            packed = unpacker.unconsumed_tail
    if total != member.file_size or total > room:
        found = "an archive with a part that is not of the size it declares"
        raise unsound(file, found, "Open it in a spreadsheet and save it anew as .xlsx")
    if check != member.CRC:
        raise unsound(file, "a damaged archive", "Save the workbook anew")
    return total
