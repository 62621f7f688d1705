"""The documents of an order as PDF. Its own layer, because only `document_maker` needs the fonts and HarfBuzz."""
