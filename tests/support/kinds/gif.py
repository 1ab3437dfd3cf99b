"""Supported and unsupported kinds of GIF files."""

import numpy as np
from PIL import Image

from support.formats import colors, indices, saved, scene
from support.formats.gif import gif, gif_control, gif_frame


def add(file, refused):
    table, other = colors(20), colors(60)[20:40]
    cells = indices(20, (11, 15))
    ramp = np.repeat(np.arange(32, dtype=np.uint8)[:, None], 3, 1)
    file("gif from Pillow", lambda: saved(scene().quantize(60), "GIF"))
    file("gif gray", lambda: saved(scene().convert("L"), "GIF"))
    file(
        "gif of 87", lambda: gif(gif_frame(indices(20)), table=table).replace(b"GIF89a", b"GIF87a")
    )
    file("gif local palette", lambda: gif(gif_frame(indices(20), table=other), table=table))
    file("gif local palette alone", lambda: gif(gif_frame(indices(20), table=other)))
    file("gif no palette", lambda: gif(gif_frame(indices(20))))
    file("gif gray ramp", lambda: gif(gif_frame(indices(40)), table=ramp))
    local = gif_frame(indices(40), table=ramp)
    file(
        "gif gray ramp for the frame", lambda: gif(local, table=table), Image.fromarray(indices(40))
    )  # Pillow uses the global colors
    file("gif indices beyond the palette", lambda: gif(gif_frame(indices(60)), table=table))
    for bits in (2, 3, 4, 6, 7):
        n = 1 << bits
        file(
            f"gif {bits} bit",
            lambda b=bits, n=n: gif(gif_frame(indices(n), bits=b), table=colors(n)),
        )
    file("gif black and white", lambda: gif(gif_frame(indices(2), bits=2), table=colors(2)))
    for laced in (False, True):
        tail = " interlaced" if laced else ""
        file(f"gif{tail}", lambda k=laced: gif(gif_frame(indices(20), interlaced=k), table=table))
        file(
            f"gif transparent{tail}",
            lambda k=laced: gif(gif_control(3) + gif_frame(indices(20), interlaced=k), table=table),
        )
        file(
            f"gif part{tail}",
            lambda k=laced: gif(gif_frame(cells, 7, 5, interlaced=k), background=4, table=table),
        )
        part = gif_control(6) + gif_frame(cells, 7, 5, interlaced=laced)
        file(f"gif transparent part{tail}", lambda p=part: gif(p, background=4, table=table))
        file(f"gif transparent gray part{tail}", lambda p=part: gif(p, background=4))
        file(
            f"gif beyond the screen{tail}",
            lambda k=laced: gif(gif_frame(cells, 30, 20, interlaced=k), table=table),
        )
        file(f"gif transparent beyond the screen{tail}", lambda p=part: gif(p, (9, 9), table=table))
    words = b"!\xfe\5hello\0" + b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0" + b"!\x99\1x\1y\0"
    file("gif extensions", lambda: gif(gif_frame(indices(20)), table=table, head=words))
    file(
        "gif two controls",
        lambda: gif(gif_control(2) + gif_control() + gif_frame(indices(20)), table=table),
    )
    file(
        "gif junk between blocks", lambda: gif(gif_frame(indices(20)), table=table, head=b"\0\0\7")
    )
    file(
        "gif animated",
        lambda: gif(
            gif_frame(indices(20)), table=table, tail=gif_control(1) + gif_frame(cells, 3, 3)
        ),
    )
    file("gif no end", lambda: gif(gif_frame(indices(20)), table=table)[:-1])
    refused("gif short", lambda: gif(gif_frame(indices(20)), table=table)[:-99], "truncated")
    refused("gif no frame", lambda: gif(b"", table=table), "no frame")
    refused(
        "gif extension that never ends",
        lambda: gif(b"", head=b"!\xfe" + b"\xff" * 4096),
        "truncated",
    )
    refused(
        "gif odd codes",
        lambda: gif(gif_frame(indices(20)).replace(b"\0\x08\xff", b"\0\x0c\xff"), table=table),
        "code size 12",
    )
