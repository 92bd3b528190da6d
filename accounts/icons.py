"""The icons of the pages, drawn on a grid of 16 by 16 with strokes of the text's own colour."""

_RING = '<circle cx="8" cy="8" r="6.5"/>'

ICONS = {
    # Tones: what a state means.
    "good": f'{_RING}<path d="m5.2 8.2 2 2 3.8-4.2"/>',
    "warn": '<path d="M8 2 14.5 13.5h-13z"/><path d="M8 6.5v3.2M8 11.6v.1"/>',
    "bad": f'{_RING}<path d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6"/>',
    "wait": f'{_RING}<path d="M8 4.5V8l2.4 1.5"/>',
    "busy": '<path d="M14.5 8A6.5 6.5 0 1 1 8 1.5"/>',
    "none": '<circle cx="8" cy="8" r="6.5" stroke-dasharray="2.2 2"/>',
    "unknown": f'{_RING}<path d="M6.2 6.3c.2-2.4 3.7-2.2 3.6 0C9.8 7.7 8 7.8 8 9.2M8 11.3v.1"/>',
    "info": f'{_RING}<path d="M8 7.3v3.9M8 4.8v.1"/>',
    # Deeds: what a button does.
    "add": '<path d="M8 3v10M3 8h10"/>',
    "again": '<path d="M13.2 6A5.6 5.6 0 1 0 13.6 9"/><path d="M13.6 2.8V6h-3.2"/>',
    "arrow": '<path d="M3 8h10M9.5 4.5 13 8l-3.5 3.5"/>',
    "close": '<path d="m4 4 8 8m0-8-8 8"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/>'
    '<path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5"/>',
    "edit": '<path d="m2.8 13.2.7-3.2 7.3-7.3 2.5 2.5L6 12.5z"/>',
    "menu": '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
    "play": '<path d="M5 3.2v9.6l7.6-4.8z"/>',
    "remove": '<path d="M3.5 4.5h9M6.5 4.5v-2h3v2M5 4.5l.5 9h5l.5-9"/>',
    "sign_out": '<path d="M6.5 2.5h-4v11h4M6.5 8h7M10.5 5l3 3-3 3"/>',
    "stop": f'{_RING}<path d="M5 8h6"/>',
    # Things: what a word stands for.
    "key": '<circle cx="5" cy="11" r="2.8"/><path d="m7 9 6.3-6.3M10.6 5.4l2 2"/>',
    "lock": '<rect x="3" y="7" width="10" height="7" rx="1.5"/>'
    '<path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2"/>',
    "mail": '<rect x="1.8" y="3.5" width="12.4" height="9" rx="1.5"/>'
    '<path d="m2.3 4.5 5.7 4.3 5.7-4.3"/>',
    "person": '<circle cx="8" cy="5.5" r="3"/>'
    '<path d="M2.5 14c.6-3 2.8-4.5 5.5-4.5s4.9 1.5 5.5 4.5"/>',
    "shield": '<path d="M8 1.8 13.2 4v3.6c0 3.2-2.1 5.5-5.2 6.6-3.1-1.1-5.2-3.4-5.2-6.6V4z"/>',
}
